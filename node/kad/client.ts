import type { PeerId } from '@libp2p/interface'
import type { Clock } from '../time/clock.ts'
import type { Contact } from './distance.ts'
import { decodeMessage, type MessageType, type WireMessage } from './message.ts'
import { Pace } from './pace.ts'
import { ProtobufError } from './protobuf.ts'
import { StreamEndedError } from './question.ts'
import { type OpenStream, StreamPool } from './streams.ts'

/** One Kademlia message and what became of it. */
export interface RpcReport {
  direction: 'inbound' | 'outbound'
  type: MessageType
  ok: boolean
  durationMs: number
  /** Of what this node asked: whom, and whether it was reached and did not answer. */
  asked?: { peerId: PeerId; isSilent: boolean }
}

/** A message, encoded once for all who are asked. */
export interface Question {
  readonly type: MessageType
  /** As `encodeFrame` makes it. */
  readonly frame: Uint8Array
}

export interface KadClientComponents {
  openStream: OpenStream
  clock: Clock
  /** Every message that was answered. */
  onAnswer?: (from: Contact, answer: WireMessage) => void
  onRpc?: (report: RpcReport) => void
  /** True for a peer, by its contact's name, that need not be waited for: it was connected and is gone. */
  isAway?: (name: string) => boolean
}

export interface KadClientOptions {
  protocol: string
  /** Time for one question, the dial included, in milliseconds. */
  requestTimeoutMs: number
}

/** Asks other peers Kademlia's questions. */
export interface KadClient {
  readonly pace: Pace
  /** Asks and waits for the answer. Nobody has to wait with it: a question that is left alone ends by itself. */
  ask(to: Contact, question: Question): Promise<WireMessage>
  /** Says what is not answered. */
  tell(to: Contact, question: Question): Promise<void>
  stop(): void
}

export function createKadClient(
  components: KadClientComponents,
  options: KadClientOptions,
): KadClient {
  const { clock, onAnswer = () => {}, onRpc = () => {} } = components
  const pool = new StreamPool(components, options.protocol)
  const pace = new Pace(clock, components.isAway)
  const running = new Set<AbortController>()
  let stopped = false

  const onStream = async <Result>(
    peer: PeerId,
    signal: AbortSignal,
    use: (stream: Awaited<ReturnType<StreamPool['take']>>['question']) => Promise<Result>,
  ): Promise<Result> => {
    for (;;) {
      const { question, used } = await pool.take(peer, signal)
      const giveUp = (): void => question.abort(signal.reason as Error)
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        return await use(question)
      } catch (error) {
        // A kept stream may have been ended by the other side at this very moment: a fresh one tells.
        if (!used || signal.aborted) throw error
      } finally {
        signal.removeEventListener('abort', giveUp)
        pool.giveBack(peer, question)
      }
    }
  }

  /** Keeps the time of one question, and what it says of the peer. */
  const timed = async <Result>(
    to: Contact,
    type: MessageType,
    run: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    if (stopped) throw stoppedError()
    const since = clock.now()
    const controller = new AbortController()
    const { signal } = controller
    running.add(controller)
    const timer = clock.setTimeout(
      () => controller.abort(tooSlow(options)),
      options.requestTimeoutMs,
    )
    pace.asked(to.name)
    let ok = false
    let isSilent = false
    try {
      const result = await run(signal)
      ok = true
      return result
    } catch (error) {
      isSilent = signal.aborted ? !stopped : isNoAnswer(error, type)
      if (signal.aborted) pace.timedOut(to.name)
      else if (isRefusal(error)) pace.answered(to.name, clock.now() - since)
      else pace.failed(to.name)
      throw error
    } finally {
      clock.clearTimeout(timer)
      running.delete(controller)
      const durationMs = clock.now() - since
      if (ok) pace.answered(to.name, durationMs)
      const asked = { peerId: to.peerId, isSilent }
      const isTold = ok || isSilent
      onRpc({ direction: 'outbound', type, ok, durationMs, ...(isTold && { asked }) })
    }
  }

  return {
    pace,
    ask: (to, { type, frame }) =>
      timed(to, type, async (signal) => {
        const answer = await onStream(to.peerId, signal, (question) => question.ask(frame))
        const message = decodeMessage(answer)
        onAnswer(to, message)
        return message
      }),
    tell: (to, { type, frame }) =>
      timed(to, type, (signal) =>
        onStream(to.peerId, signal, (question) => {
          question.tell(frame)
          // Nothing will say whether the other side is done with it.
          question.close()
          return Promise.resolve()
        }),
      ),
    stop() {
      stopped = true
      for (const controller of running) controller.abort(stoppedError())
      pool.stop()
    },
  }
}

/** A peer that resets the stream has read the question and wants no part of it: js does so with what it refuses. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'StreamResetError' || error.name === 'StreamEndedError')
  )
}

/** Whether a peer that was reached has not answered what each peer must answer; a record it may refuse. */
function isNoAnswer(error: unknown, type: MessageType): boolean {
  if (type === 'PUT_VALUE' || type === 'ADD_PROVIDER') return false
  return isRefusal(error) || error instanceof ProtobufError
}

function tooSlow({ requestTimeoutMs }: KadClientOptions): DOMException {
  return new DOMException(`no answer within ${requestTimeoutMs} ms`, 'TimeoutError')
}

function stoppedError(): StreamEndedError {
  return new StreamEndedError('the node stops')
}
