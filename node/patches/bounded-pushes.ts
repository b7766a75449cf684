import type { Libp2p, Stream } from '@libp2p/interface'
import { KadlabError } from '../base/errors.ts'
import type { Clock } from '../time/clock.ts'
import { hostServices } from './parts.ts'
import { wrap } from './wrap.ts'

/** Of one push: an honest peer's is some hundred bytes, one of many protocols and addresses 8 KiB. */
const MOST_BYTES = 20 * 1024
/** Pushes of one peer in a time: its addresses change now and then. */
const MOST_PUSHES = 10
const WITHIN_MS = 10_000
/** Peers whose pushes are counted; the one that began first is forgotten first. */
const MAX_PEERS = 10_000

/** A peer pushes more of itself, or more often, than is read. */
export class PushError extends KadlabError {
  static override readonly name = 'PushError'
}

export interface BoundPushesOptions {
  onRefused?: () => void
}

/**
 * Bounds what a peer may push of itself, and how often. Identify is asked for once a connection; pushes come unasked: stock
 * libp2p reads ten messages of 8 KiB each time, parses each address in them, and takes them as fast as they come.
 */
export function boundPushes(
  { libp2p, clock }: { libp2p: Libp2p; clock: Clock },
  { onRefused = () => {} }: BoundPushesOptions = {},
): void {
  const { identifyPush } = hostServices(libp2p)
  const pushes = new Map<string, { since: number; count: number }>()

  /** To be called in the turn in which the stream is read for the first time: who listens gets what has come. */
  const bound = (stream: Stream): Stream => {
    let bytes = 0
    stream.addEventListener('message', ({ data }) => {
      bytes += data.byteLength
      if (bytes <= MOST_BYTES || stream.status !== 'open') return
      onRefused()
      stream.abort(new PushError(`expected at most ${MOST_BYTES} bytes of a push, saw more`))
    })
    return stream
  }
  const pushesTooMuch = (peer: string): boolean => {
    const now = clock.now()
    const known = pushes.get(peer)
    const current =
      known === undefined || now - known.since > WITHIN_MS ? { since: now, count: 0 } : known
    current.count += 1
    pushes.delete(peer)
    pushes.set(peer, current)
    const [oldest] = pushes.keys()
    if (pushes.size > MAX_PEERS && oldest !== undefined) pushes.delete(oldest)
    return current.count > MOST_PUSHES
  }

  if (identifyPush !== undefined) {
    wrap(identifyPush, 'handleProtocol', (handle) => async (stream, connection) => {
      if (pushesTooMuch(connection.remotePeer.toString())) {
        onRefused()
        stream.abort(new PushError(`expected at most ${MOST_PUSHES} pushes in ${WITHIN_MS} ms`))
        return
      }
      await handle(bound(stream), connection)
    })
  }
}
