import type { DialEvidence } from '#node/judgement/causes.ts'
import { judge } from '#node/judgement/judge.ts'
import { emptyObservation, type Observation } from '#node/judgement/observation.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { foreignDialErrorKind } from './foreign-dial-error.ts'
import type { ForeignEvent } from './foreign-line.ts'

/**
 * What a foreign peer has told of itself and of others, as observations for the same judge that kadlab's nodes have.
 * What it does not tell stays empty or null.
 */
export class ForeignView {
  peerId: string | null = null
  agent: string | null = null
  mode: 'client' | 'server' | null = null
  protocol = ''
  listening: string[] = []
  announced: string[] = []
  readonly #observations = new Map<string, Observation>()

  /** Takes one event of the peer. */
  hear(event: ForeignEvent): void {
    switch (event.event) {
      case 'start': {
        this.peerId = event.peer
        this.agent = event.agent
        this.mode = event.mode
        this.protocol = event.protocol
        return
      }
      case 'listening': {
        this.listening.push(event.address)
        return
      }
      case 'announcing': {
        this.announced = event.addresses
        return
      }
      case 'mode': {
        this.mode = event.mode
        return
      }
      case 'external-candidate': {
        return
      }
      case 'dial-failed': {
        if (event.peer !== null) this.#hearDialFailed(event.peer, event.error)
        return
      }
      case 'connected':
      case 'closed':
      case 'identified':
      case 'identify-failed':
      case 'listed':
      case 'unlisted':
      case 'group-full':
      case 'probe-failed':
      case 'unroutable-peer': {
        this.#hearOfPeer(event)
        return
      }
      default: {
        event satisfies never
      }
    }
  }

  #hearDialFailed(peer: string, error: string): void {
    const observation = this.#of(peer)
    const kind = foreignDialErrorKind(error, this.peerId)
    const address = addressIn(error, peer)
    observation.dials = [
      ...observation.dials.filter((dial) => dial.address !== address),
      { address, ok: false, kind, error },
    ]
  }

  #hearOfPeer(
    event: Exclude<
      ForeignEvent,
      {
        event: 'start' | 'listening' | 'announcing' | 'mode' | 'external-candidate' | 'dial-failed'
      }
    >,
  ): void {
    const observation = this.#of(event.peer)
    switch (event.event) {
      case 'connected': {
        const { direction, address } = event
        observation.connections.push({ direction, remoteAddress: address, limited: false })
        observation.closed = null
        observation.dials = []
        return
      }
      case 'closed': {
        observation.connections.pop()
        if (observation.connections.length > 0) return
        observation.closed = { error: null }
        observation.identify = { state: 'pending' }
        observation.confirmedKademlia = false
        observation.table = { ...observation.table, fullGroup: null, probeError: null }
        return
      }
      case 'identified': {
        const announced = event.addresses.map((address) => bare(address, event.peer))
        observation.identify = {
          state: 'done',
          agent: event.agent,
          protocols: event.protocols,
          announced,
          // These peers have no address filter: they keep whatever they are told.
          announcedKept: announced,
          staleRecord: false,
        }
        if (!observation.table.listed) {
          observation.stored = announced
          observation.kept = announced
        }
        return
      }
      case 'identify-failed': {
        // Each connection is identified; one that a dial-back ends at once says nothing of the peer.
        if (observation.identify.state !== 'done') {
          observation.identify = { state: 'failed', error: event.error }
        }
        return
      }
      case 'unroutable-peer': {
        observation.confirmedKademlia = true
        return
      }
      case 'listed': {
        this.list(event.peer, event.addresses)
        return
      }
      case 'unlisted': {
        observation.table = { ...observation.table, listed: false, removed: 'by the peer itself' }
        return
      }
      case 'group-full': {
        const { network, limit, sharedBits } = event
        const fullGroup = { network, limit, ...(sharedBits !== undefined && { sharedBits }) }
        observation.table = { ...observation.table, update: 'failed', fullGroup, probeError: null }
        return
      }
      case 'probe-failed': {
        const probeError = event.error
        observation.table = { ...observation.table, update: 'failed', probeError, fullGroup: null }
        return
      }
      default: {
        event satisfies never
      }
    }
  }

  /** The routing table as the peer tells it: peers by id with the addresses under which they are listed. */
  takeTable(peers: readonly { peer: string; addresses: string[] }[]): void {
    for (const observation of this.#observations.values()) {
      if (peers.every(({ peer }) => peer !== observation.peerId)) observation.table.listed = false
    }
    for (const { peer, addresses } of peers) this.list(peer, addresses)
  }

  list(peer: string, addresses: readonly string[]): void {
    const observation = this.#of(peer)
    const known = [...new Set(addresses.map((address) => bare(address, peer)))]
    observation.table = {
      ...observation.table,
      listed: true,
      removed: null,
      update: 'ended',
      fullGroup: null,
      probeError: null,
    }
    observation.stored = known
    observation.kept = known
    // A peer listed without an address is one whose announced addresses were all dropped.
    if (known.length === 0 && observation.identify.state === 'done') {
      observation.identify = { ...observation.identify, announcedKept: [] }
    }
  }

  /** Remembers the outcome of a fresh dial of an address of `peer`. */
  dialledBack(peer: string, dial: DialEvidence): void {
    const observation = this.#of(peer)
    observation.dialBack = [
      ...observation.dialBack.filter(({ address }) => address !== dial.address),
      dial,
    ]
  }

  observations(): Observation[] {
    return [...this.#observations.values()]
  }

  sighting(peer: string): Sighting {
    return judge(this.#of(peer))
  }

  #of(peer: string): Observation {
    const known = this.#observations.get(peer)
    if (known !== undefined) return known
    const created = emptyObservation(peer, {
      peerId: this.peerId ?? '',
      mode: this.mode ?? 'client',
      scope: null,
      protocol: this.protocol,
      pingProtocol: null,
      connections: null,
      hosts: [],
    })
    this.#observations.set(peer, created)
    return created
  }
}

/** An address without the peer's own id behind it. */
export function bare(address: string, peer: string): string {
  const suffix = `/p2p/${peer}`
  return address.endsWith(suffix) ? address.slice(0, -suffix.length) : address
}

/** The first multiaddr that an error names; the peer alone where it names none. */
function addressIn(error: string, peer: string): string {
  const match = /\/ip4\/[\d.]+\/tcp\/\d+/.exec(error)
  return match?.[0] ?? `/p2p/${peer}`
}
