import type { Connection, IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type KadDHT, listedPeers } from '../patches/kad.ts'
import { hostServices } from '../patches/parts.ts'
import type { Clock } from '../time/clock.ts'
import type { Lookup } from './lookup.ts'
import { createRetries, type Pauses } from './retries.ts'

export interface RecoverComponents {
  libp2p: Libp2p
  dht: KadDHT
  /** Asks for the neighbours of this node. */
  lookUp: Lookup
  clock: Clock
  /** Numbers from 0 to below 1. */
  random: () => number
  log: Log
}

/** libp2p gives identify 5 s, and kad-dht its verifying ping as long: before that nothing has failed. */
const AFTER_A_TIMEOUT: Pauses = { firstMs: 8000, maxMs: 12_000 }
/** A table that has lost somebody. */
const LOST: Pauses = { firstMs: 4000, maxMs: 12_000 }
/** A table that has somebody new, who may know others, or come to know them: it is asked a few times. */
const NEWS: Pauses = { firstMs: 3000, maxMs: 15_000 }
const NEWS_LOOKUPS = 3
/** A client, which nobody can tell of whoever comes later. */
const CLIENT: Pauses = { firstMs: 10_000, maxMs: 10_000 }
/** Peers that left the table and are looked for; the last ones. */
const MAX_LOST = 64
/** Of those, how many are dialled at a time. */
const DIALS = 4
/** Peers that left are not looked for any longer than this. */
const LOST_FOR_MS = 6 * 3_600_000

/**
 * Heals what faults leave behind, once they end.
 *
 * Stock libp2p asks a connection for identify once, and stock kad-dht verifies a contact by one ping: where either fails,
 * on a busy machine or a bad link, the peer stays connected and out of the table, and nothing is tried again. Here both are
 * tried again; and while somebody who was listed is missing, or somebody new is there who may know others, the node looks
 * for its neighbours. So does a client as long as one bucket may hold all that there are: a server that comes later asks
 * servers alone, and so never meets it.
 */
export function recover(components: RecoverComponents): { stop: () => Promise<void> } {
  const { libp2p, dht, lookUp, clock, log } = components
  const table = dht.routingTable
  const retries = createRetries(components)
  /** When each peer that is looked for was lost. */
  const lost = new Map<string, { peerId: PeerId; atMs: number }>()

  const onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (connection.limits !== undefined) return
    retries.begin(identifyOf(connection), AFTER_A_TIMEOUT, async (signal) => {
      if (connection.status !== 'open') return true
      return askAgain(libp2p, connection, signal, log)
    })
  }
  const onClose = ({ detail: connection }: CustomEvent<Connection>): void =>
    retries.end(identifyOf(connection))

  const onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const { peerId, connection, protocols } = detail
    retries.end(identifyOf(connection))
    if (protocols.includes(dht.protocol)) listAgain(peerId)
  }

  const listAgain = (peerId: PeerId): void => {
    retries.begin(listingOf(peerId), AFTER_A_TIMEOUT, async () => {
      if (libp2p.getConnections(peerId).length === 0) return true
      if ((await table.find(peerId)) !== undefined) return true
      await dht.onPeerConnect(await libp2p.peerStore.getInfo(peerId))
      return false
    })
  }

  const onAdd = ({ detail: peerId }: CustomEvent<PeerId>): void => {
    retries.end(listingOf(peerId))
    lost.delete(peerId.toString())
    let lookups = 0
    retries.begin('news', NEWS, async (signal) => {
      await lookUp(signal)
      lookups += 1
      return lookups === NEWS_LOOKUPS
    })
  }

  const onRemove = ({ detail: peerId }: CustomEvent<PeerId>): void => {
    const [oldest] = lost.keys()
    if (lost.size >= MAX_LOST && oldest !== undefined) lost.delete(oldest)
    lost.set(peerId.toString(), { peerId, atMs: clock.now() })
    retries.begin('lost', LOST, async (signal) => lookForLost(signal))
  }

  const lookForLost = async (signal: AbortSignal): Promise<boolean> => {
    for (const [id, { atMs }] of lost) if (clock.now() - atMs > LOST_FOR_MS) lost.delete(id)
    if (lost.size === 0) return true
    // A query over an empty table waits for a first contact.
    if (listedPeers(dht).length > 0) await lookUp(signal)
    const next = [...lost.values()].slice(0, DIALS)
    for (const each of next) {
      // To the end of the line, so that the others have their turn.
      if (!lost.delete(each.peerId.toString())) continue
      lost.set(each.peerId.toString(), each)
    }
    await Promise.all(next.map(async ({ peerId }) => dialQuietly(libp2p, peerId, signal)))
    return lost.size === 0
  }

  retries.begin('client', CLIENT, async (signal) => {
    const { length } = listedPeers(dht)
    const mayBeAll = length > 0 && length < table.kBucketSize
    if (dht.getMode() === 'client' && mayBeAll) await lookUp(signal)
    return false
  })

  libp2p.addEventListener('connection:open', onOpen)
  libp2p.addEventListener('connection:close', onClose)
  libp2p.addEventListener('peer:identify', onIdentify)
  table.addEventListener('peer:add', onAdd)
  table.addEventListener('peer:remove', onRemove)
  return {
    async stop() {
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('connection:close', onClose)
      libp2p.removeEventListener('peer:identify', onIdentify)
      table.removeEventListener('peer:add', onAdd)
      table.removeEventListener('peer:remove', onRemove)
      await retries.stop()
    },
  }
}

/** True where there is no more to ask: it answered, or does not speak identify at all. */
async function askAgain(
  libp2p: Libp2p,
  connection: Connection,
  signal: AbortSignal,
  log: Log,
): Promise<boolean> {
  const { identify } = hostServices(libp2p)
  if (identify === undefined) return true
  try {
    await identify.identify(connection, { signal })
    return true
  } catch (error) {
    const peer = connection.remotePeer.toString()
    log.debug({ peer, error: describeError(error) }, 'identify failed again')
    return error instanceof Error && error.name === 'UnsupportedProtocolError'
  }
}

async function dialQuietly(libp2p: Libp2p, peerId: PeerId, signal: AbortSignal): Promise<void> {
  if (libp2p.getConnections(peerId).length > 0) return
  try {
    await libp2p.dial(peerId, { signal })
  } catch {
    // It is tried again, as long as it is missing.
  }
}

function identifyOf({ id }: Connection): string {
  return `identify ${id}`
}

function listingOf(peerId: PeerId): string {
  return `list ${peerId.toString()}`
}
