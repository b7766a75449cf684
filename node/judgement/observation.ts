import type { AddressGroupLimit, DialEvidence } from './causes.ts'

/** Which addresses an observer keeps: the public ones, the private ones, or all. */
export type AddressScope = 'public' | 'private' | 'any'

/**
 * Everything that one observer knows of one target at one moment: plain data, what `judge` judges by.
 *
 * Addresses are multiaddrs without the target's own `/p2p/` part. Observers that are peers of other implementations
 * fill in what they tell and leave the rest empty or null.
 */
export interface Observation {
  peerId: string
  observer: ObserverFacts
  /** Open connections, without those of a dial-back. */
  connections: ConnectionFact[]
  /** How the last connection ended; null where there never was one, or where one is open. */
  closed: ClosedFact | null
  /** Dials of the target since its last connection, the last one of each address. */
  dials: DialEvidence[]
  /** The last inbound connection from a host of the target's that the observer refused since the last connection. */
  denied: DeniedFact | null
  identify: IdentifyFact
  /** Protocols that the target names when asked again without storing the answer; null where it was not asked. */
  protocolsNow: string[] | null
  /** The target spoke the observer's Kademlia on a stream, though no identify says so (other implementations only). */
  confirmedKademlia: boolean
  /** Why the target did not answer a question of Kademlia; null where it did or was not asked. */
  kademliaError: string | null
  /** Addresses stored for the target. */
  stored: string[]
  /** Those of `stored` that the observer's address filter keeps. */
  kept: string[]
  table: TableFact
  /** The last ping of the target since it connected; null where none has ended. */
  ping: PingFact | null
  /** Fresh dials of the addresses in `kept`, the last one of each. */
  dialBack: DialEvidence[]
  /** True once nothing has changed for a while, so that what is still missing is missing for good. */
  settled: boolean
}

/** An observer that has heard nothing of a peer yet. */
export function emptyObservation(peerId: string, observer: ObserverFacts): Observation {
  return {
    peerId,
    observer,
    connections: [],
    closed: null,
    dials: [],
    denied: null,
    identify: { state: 'pending' },
    protocolsNow: null,
    confirmedKademlia: false,
    kademliaError: null,
    stored: [],
    kept: [],
    table: {
      listed: false,
      removed: null,
      update: 'none',
      error: null,
      bucket: null,
      fullGroup: null,
      probeError: null,
    },
    ping: null,
    dialBack: [],
    settled: false,
  }
}

/** What the observer itself is set to. */
export interface ObserverFacts {
  peerId: string
  mode: 'client' | 'server'
  /** Null where it is not known (peers of other implementations). */
  scope: AddressScope | null
  /** The Kademlia protocol that it speaks. */
  protocol: string
  /** The ping protocol with which it verifies new contacts; null where it verifies none. */
  pingProtocol: string | null
  /** Open connections to anybody; null where that is not known. */
  connections: number | null
  /** Hosts under which the world sees the observer: those that it announces, and those that others see it at. */
  hosts: readonly string[]
}

export interface ConnectionFact {
  direction: 'inbound' | 'outbound'
  remoteAddress: string
  /** True for a connection through a relay, which carries no Kademlia. */
  limited: boolean
}

export interface ClosedFact {
  error: string | null
}

export interface DeniedFact {
  address: string
  error: string
}

/** Where identify stands. */
export type IdentifyFact =
  | { state: 'pending' }
  | { state: 'failed'; error: string }
  | {
      state: 'done'
      agent: string | null
      protocols: string[]
      /** Addresses that the message carried. */
      announced: string[]
      /** Those of `announced` that the observer's address filter keeps. */
      announcedKept: string[]
      /** True where the signed record in the message was older than the stored one, and so was not taken. */
      staleRecord: boolean
    }

/** The target in the observer's routing table. */
export interface TableFact {
  listed: boolean
  /** Why it was taken out of the table since it connected; null where it was not. */
  removed: string | null
  /** The last attempt to take the target into the table since it connected. */
  update: 'none' | 'running' | 'ended' | 'failed'
  error: string | null
  /** The bucket in which the target is or would be. */
  bucket: { contacts: number; capacity: number } | null
  /** The group of addresses of which the table holds as many peers as it may; null where it does not. */
  fullGroup: AddressGroupLimit | null
  /** Why the target did not answer the question that the observer asks of newcomers; null where it did or was asked none. */
  probeError: string | null
}

export interface PingFact {
  ok: boolean
  error: string | null
}

/**
 * The dial-backs of the addresses that the target has now. While it is not connected, an ordinary dial of one of them
 * that failed says the same.
 */
export function freshDials({ kept, dialBack, dials, connections }: Observation): DialEvidence[] {
  const ordinary = connections.length === 0 ? dials.filter(({ ok }) => !ok) : []
  const latest = new Map([...dialBack, ...ordinary].map((dial) => [dial.address, dial]))
  return kept.flatMap((address) => latest.get(address) ?? [])
}
