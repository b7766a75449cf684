import type { PeerId, Stream } from '@libp2p/interface'
import type { Clock, Timer } from '../time/clock.ts'
import { QuestionStream } from './question.ts'

/** How a stream to a peer is opened; the peer is dialled where it is not connected. */
export type OpenStream = (
  peer: PeerId,
  protocol: string,
  options: { signal: AbortSignal },
) => Promise<Stream>

/**
 * How long a stream that is not in use is kept. js-libp2p's kad-dht aborts a stream 10 s after the last message on it
 * (`rpc/index.ts`, `incomingMessageTimeout`), go's after 60 s: half of the shorter is safe on a slow machine.
 */
const IDLE_MS = 5000
/** Streams to one peer; who comes when all are in use waits for one. */
const MAX_STREAMS = 16
/**
 * Streams to a peer that has not answered on any: it may still have to be dialled, and js-libp2p ends a connection on
 * which more than ten streams come before it listens for them (`abstract-stream-muxer.ts`, `maxEarlyStreams`), those of
 * identify and ping among them.
 */
const MAX_STREAMS_BEFORE_AN_ANSWER = 4

interface Idle {
  readonly question: QuestionStream
  readonly since: number
}

/** The streams to one peer. */
interface PeerStreams {
  idle: Idle[]
  /** In use, or being opened. */
  used: number
  /** How many there may be. */
  limit: number
  /** Who waits for one. */
  waiting: (() => void)[]
}

/**
 * Keeps streams for the next question to the same peer. kad-dht opens a stream for each message, which costs both ends
 * a protocol negotiation, twice the message's own work.
 */
export class StreamPool {
  readonly #openStream: OpenStream
  readonly #protocol: string
  readonly #clock: Clock
  readonly #peers = new Map<string, PeerStreams>()
  #sweep: Timer | null = null
  #stopped = false

  constructor(components: { openStream: OpenStream; clock: Clock }, protocol: string) {
    this.#openStream = components.openStream
    this.#clock = components.clock
    this.#protocol = protocol
  }

  /** A stream for one question, and whether it was used before: the other side may just have ended it. */
  async take(
    peer: PeerId,
    signal: AbortSignal,
  ): Promise<{ question: QuestionStream; used: boolean }> {
    const streams = this.#of(peer.toString())
    for (;;) {
      signal.throwIfAborted()
      const kept = this.#takeIdle(streams)
      if (kept !== null) return { question: kept, used: true }
      if (streams.used < streams.limit) break
      await this.#turn(streams, signal)
    }
    streams.used += 1
    try {
      const stream = await this.#openStream(peer, this.#protocol, { signal })
      return { question: new QuestionStream(stream, () => {}), used: false }
    } catch (error) {
      this.#release(peer.toString(), streams)
      throw error
    }
  }

  /** Gives a stream back: one that cannot be asked again is closed. */
  giveBack(peer: PeerId, question: QuestionStream): void {
    const name = peer.toString()
    const streams = this.#of(name)
    if (!this.#stopped && question.usable) {
      if (streams.limit < MAX_STREAMS) {
        streams.limit = MAX_STREAMS
        for (const wake of streams.waiting.splice(0)) wake()
      }
      streams.idle.push({ question, since: this.#clock.now() })
      this.#sweep ??= this.#clock.setTimeout(this.#closeOld, IDLE_MS)
    } else question.close()
    this.#release(name, streams)
  }

  /** Closes what is idle; what is in use is closed as it is given back. */
  stop(): void {
    this.#stopped = true
    if (this.#sweep !== null) this.#clock.clearTimeout(this.#sweep)
    for (const { idle } of this.#peers.values()) for (const { question } of idle) question.close()
    this.#peers.clear()
  }

  #of(name: string): PeerStreams {
    const known = this.#peers.get(name)
    if (known !== undefined) return known
    const streams: PeerStreams = {
      idle: [],
      used: 0,
      limit: MAX_STREAMS_BEFORE_AN_ANSWER,
      waiting: [],
    }
    this.#peers.set(name, streams)
    return streams
  }

  #takeIdle(streams: PeerStreams): QuestionStream | null {
    for (;;) {
      const last = streams.idle.pop()
      if (last === undefined) return null
      if (last.question.usable && this.#clock.now() - last.since < IDLE_MS) {
        streams.used += 1
        return last.question
      }
      last.question.close()
    }
  }

  #release(name: string, streams: PeerStreams): void {
    streams.used -= 1
    streams.waiting.shift()?.()
    if (streams.used === 0 && streams.idle.length === 0 && this.#peers.get(name) === streams) {
      this.#peers.delete(name)
    }
  }

  async #turn(streams: PeerStreams, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    streams.waiting.push(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    if (!signal.aborted) return
    // A turn that was given to one who left goes to the next.
    const index = streams.waiting.indexOf(resolve)
    if (index < 0) streams.waiting.shift()?.()
    else streams.waiting.splice(index, 1)
  }

  readonly #closeOld = (): void => {
    this.#sweep = null
    const oldest = this.#clock.now() - IDLE_MS
    let left = false
    for (const [name, streams] of this.#peers) {
      for (const { question, since } of streams.idle) if (since <= oldest) question.close()
      streams.idle = streams.idle.filter(({ since }) => since > oldest)
      left ||= streams.idle.length > 0
      if (streams.used === 0 && streams.idle.length === 0) this.#peers.delete(name)
    }
    if (left) this.#sweep = this.#clock.setTimeout(this.#closeOld, IDLE_MS)
  }
}
