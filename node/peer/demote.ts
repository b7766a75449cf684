import type { Libp2p, PeerId } from '@libp2p/interface'
import { describeError, KadlabError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KadDHT } from '../patches/kad.ts'
import { guardTable } from '../patches/table-guard.ts'
import type { Clock } from '../time/clock.ts'
import { createRetries } from './retries.ts'

/** So many questions in a row without an answer, one after the other, are no accident. */
const MOST_UNANSWERED = 3
/** Who was taken out of the table is asked again after these pauses. */
const ASK_AGAIN = { firstMs: 5000, maxMs: 300_000 }
/** Peers that are counted, and peers that are kept out: the last ones. */
const MAX_PEERS = 4096

/** A peer was taken out of the table, or is not listed, because it does not answer what it is asked. */
export class UnansweringError extends KadlabError {
  static override readonly name = 'UnansweringError'
}

export interface DemoteComponents {
  libp2p: Pick<Libp2p, 'getConnections' | 'peerStore'>
  dht: KadDHT
  /** Asks a peer a question of Kademlia; rejects where it does not answer. */
  ask: (peer: PeerId) => Promise<unknown>
  clock: Clock
  /** Numbers from 0 to below 1. */
  random: () => number
  log: Log
  /** Called before a peer leaves the table, with the reason. */
  onDemoted?: (peer: PeerId, why: string) => void
  /** A peer that is kept out was to be listed. */
  onRefused?: (peer: PeerId) => void
}

export interface Demote {
  /** A question to a peer was answered, or (`isSilent`) reached it and was not. */
  asked(peer: PeerId, question: { isSilent: boolean; durationMs: number }): void
  stop(): Promise<void>
}

/**
 * Takes peers out of the routing table that are connected, answer pings, and answer nothing that they are asked.
 *
 * kad-dht lists whoever answers a ping, and keeps it while it does: such peers cost every lookup its time, and take the
 * places of those that hold records. Each is asked again now and then, and listed again once it answers.
 */
export function demoteSilentPeers(components: DemoteComponents): Demote {
  const { libp2p, dht, ask, clock, log, onDemoted = () => {}, onRefused = () => {} } = components
  const retries = createRetries(components)
  const unanswered = new Map<string, { count: number; countedAt: number }>()
  const out = new Set<string>()

  const demote = (peer: PeerId): void => {
    const name = peer.toString()
    const why = `it left ${MOST_UNANSWERED} questions in a row unanswered`
    keepLast(out, name)
    onDemoted(peer, why)
    log.info({ peer: name, why }, 'a peer left the routing table')
    dht.routingTable.remove(peer).catch((error: unknown) => {
      log.debug({ peer: name, error: describeError(error) }, 'a peer could not be taken out')
    })
    retries.begin(name, ASK_AGAIN, async () => {
      if (!out.has(name)) return true
      if (libp2p.getConnections(peer).length === 0) return false
      return ask(peer).then(
        () => true,
        () => false,
      )
    })
  }
  const readmit = (peer: PeerId): void => {
    if (!out.delete(peer.toString())) return
    libp2p.peerStore
      .getInfo(peer)
      .then((info) => dht.onPeerConnect(info))
      .catch((error: unknown) => {
        log.debug({ error: describeError(error) }, 'a peer that answers again was not listed')
      })
  }
  const removeGuard = guardTable(dht, (peer) => {
    if (!out.has(peer.toString())) return
    onRefused(peer)
    throw new UnansweringError(
      `expected an answer to one of ${MOST_UNANSWERED} questions, saw none: it is listed once it answers`,
    )
  })

  return {
    asked(peer, { isSilent, durationMs }) {
      const name = peer.toString()
      if (!isSilent) {
        unanswered.delete(name)
        readmit(peer)
        return
      }
      const now = clock.now()
      const before = unanswered.get(name)
      // Questions that were under way at the same time are one: a peer may have paused once.
      if (before !== undefined && now - durationMs < before.countedAt) return
      if (out.has(name) || libp2p.getConnections(peer).length === 0) return
      const count = (before?.count ?? 0) + 1
      unanswered.delete(name)
      if (count >= MOST_UNANSWERED) demote(peer)
      else keepLast(unanswered, name, { count, countedAt: now })
    },
    async stop() {
      removeGuard()
      await retries.stop()
    },
  }
}

function keepLast(all: Set<string>, name: string): void
function keepLast<Value>(all: Map<string, Value>, name: string, value: Value): void
function keepLast(all: Set<string> | Map<string, unknown>, name: string, value?: unknown): void {
  all.delete(name)
  if (all instanceof Set) all.add(name)
  else all.set(name, value)
  const [oldest] = all.keys()
  if (all.size > MAX_PEERS && oldest !== undefined) all.delete(oldest)
}
