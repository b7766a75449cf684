import type { Connection, PeerId, Stream, StreamMessageEvent } from '@libp2p/interface'
import { KadlabError } from '../base/errors.ts'
import type { Clock, Timer } from '../time/clock.ts'
import { FrameReader, FrameTooLongError } from './frames.ts'
import { decodeMessage, encodeFrame, type WireMessage } from './message.ts'
import { Misconduct } from './misconduct.ts'
import { ProtobufError } from './protobuf.ts'

/** Why a stream was ended here. */
export class RefusedStreamError extends KadlabError {
  static override readonly name = 'RefusedStreamError'
}

export interface ServeComponents {
  clock: Clock
  /** Makes the answer; none where the message has none. Rejects with what it refuses. */
  answer: (from: PeerId, message: WireMessage) => Promise<WireMessage | undefined>
  /** A message was refused; or a connection was ended, whose peer sent nothing but such. */
  onRefused?: (what: 'message' | 'peer') => void
}

/** What strangers may cost. */
export interface ServeLimits {
  /** Longest message in bytes. */
  messageBytes: number
  /** Bytes of messages that have not come to their end, of one peer. */
  pendingPeerBytes: number
  /** The same, of all peers together. */
  pendingBytes: number
  /** Time for the whole of a message once its first byte has come. */
  messageMs: number
  /** Time that a stream may stand without a message. */
  idleMs: number
}

export const SERVE_LIMITS: ServeLimits = {
  messageBytes: 80 * 1024,
  pendingPeerBytes: 512 * 1024,
  pendingBytes: 16 * 1024 * 1024,
  messageMs: 10_000,
  // As go's.
  idleMs: 60_000,
}

/** Questions of a stream that wait for the one before them; more are left with the sender. */
const MAX_QUEUED = 16
const SWEEP_MS = 1000

/** One peer has more unfinished messages than it may: each costs as much as these many that are merely wrong. */
export class TooManyPendingError extends KadlabError {
  static override readonly name = 'TooManyPendingError'
}

const PENDING_WEIGHT = 4

/** A stream on which others ask. */
interface Served {
  readonly stream: Stream
  readonly connection: Connection
  readonly reader: FrameReader
  readonly peer: string
  /** When something that counts came last: a whole message, or the first byte of one. */
  since: number
  pending: number
}

export interface Server {
  /** Serves a stream until either side ends it. */
  serve(stream: Stream, connection: Connection): void
  stop(): void
}

/**
 * Answers Kademlia's questions, many on one stream, in their order. kad-dht's own loop takes messages of 4 MB, keeps
 * what never comes to its end for 10 s, and builds timers and signals for each message.
 */
export function createServer(
  { clock, answer, onRefused = () => {} }: ServeComponents,
  limits: ServeLimits = SERVE_LIMITS,
): Server {
  const streams = new Set<Served>()
  const pendingOf = new Map<string, number>()
  let pendingBytes = 0
  let sweep: Timer | null = null
  const misconduct = new Misconduct(clock)

  /** Ends a stream, and with it the connection where its peer does nothing else. */
  const refuse = ({ stream, connection, peer }: Served, error: Error): void => {
    stream.abort(error)
    const isMisconduct =
      error instanceof RefusedStreamError ||
      error instanceof TooManyPendingError ||
      error instanceof FrameTooLongError ||
      error instanceof ProtobufError
    if (isMisconduct) onRefused('message')
    const weight = error instanceof TooManyPendingError ? PENDING_WEIGHT : 1
    if (isMisconduct && misconduct.note(peer, weight)) {
      onRefused('peer')
      connection.abort(new RefusedStreamError('too many messages that are none'))
    }
  }
  const account = (served: Served, pending: number): void => {
    const change = pending - served.pending
    served.pending = pending
    pendingBytes += change
    const ofPeer = (pendingOf.get(served.peer) ?? 0) + change
    if (ofPeer === 0) pendingOf.delete(served.peer)
    else pendingOf.set(served.peer, ofPeer)
    if (ofPeer > limits.pendingPeerBytes) {
      throw new TooManyPendingError('too many bytes of unfinished messages of one peer')
    }
    if (pendingBytes > limits.pendingBytes) {
      throw new RefusedStreamError('too many bytes of unfinished messages')
    }
  }
  const closeOld = (): void => {
    sweep = null
    const now = clock.now()
    for (const served of streams) {
      const limitMs = served.pending > 0 ? limits.messageMs : limits.idleMs
      if (now - served.since <= limitMs) continue
      const error = new RefusedStreamError(`nothing for ${limitMs} ms`)
      // To keep a stream and ask nothing is nobody's fault.
      if (served.pending > 0) refuse(served, error)
      else served.stream.abort(error)
    }
    if (streams.size > 0) sweep = clock.setTimeout(closeOld, SWEEP_MS)
  }

  return {
    serve(stream, connection) {
      const { remotePeer } = connection
      const reader = new FrameReader(limits.messageBytes)
      const peer = remotePeer.toString()
      const served: Served = { stream, connection, reader, peer, since: clock.now(), pending: 0 }
      const queue: Uint8Array[] = []
      let busy = false
      streams.add(served)
      sweep ??= clock.setTimeout(closeOld, SWEEP_MS)

      const work = async (): Promise<void> => {
        if (busy) return
        busy = true
        try {
          for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) {
            const made = await answer(remotePeer, decodeMessage(frame))
            if (made !== undefined) stream.send(encodeFrame(made))
            if (stream.readStatus === 'paused' && queue.length === 0) stream.resume()
          }
          if (stream.remoteWriteStatus !== 'writable') await stream.close()
        } catch (error) {
          refuse(served, error as Error)
        } finally {
          busy = false
        }
      }
      const onMessage = ({ data }: StreamMessageEvent): void => {
        try {
          const begun = served.pending > 0
          const frames = reader.push(data.subarray())
          if (frames.length > 0 || !begun) served.since = clock.now()
          account(served, reader.pendingBytes)
          queue.push(...frames)
          if (queue.length > MAX_QUEUED) stream.pause()
          void work()
        } catch (error) {
          refuse(served, error as Error)
        }
      }
      const onClose = (): void => {
        streams.delete(served)
        stream.removeEventListener('message', onMessage)
        try {
          account(served, 0)
        } catch {
          // Less than before was still too much: it is another stream's.
        }
      }
      stream.addEventListener('message', onMessage)
      stream.addEventListener('close', onClose)
      stream.addEventListener('remoteCloseWrite', () => void work())
    },
    stop() {
      if (sweep !== null) clock.clearTimeout(sweep)
      sweep = null
    },
  }
}
