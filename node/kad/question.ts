import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { KadlabError } from '../base/errors.ts'
import { FrameReader } from './frames.ts'

/** The stream ended before the answer came. */
export class StreamEndedError extends KadlabError {
  static override readonly name = 'StreamEndedError'
}

/** Longest answer: a value of the greatest size, and 20 peers with many addresses each. */
const MAX_ANSWER_BYTES = 256 * 1024

/** A stream on which one question after the other is asked. Every implementation answers them in their order. */
export class QuestionStream {
  readonly stream: Stream
  readonly #reader = new FrameReader(MAX_ANSWER_BYTES)
  #waiting: { resolve: (answer: Uint8Array) => void; reject: (error: Error) => void } | null = null
  #ended = false
  readonly #onEnd: () => void

  /** @param onEnd called once, when nothing can be asked on it any more */
  constructor(stream: Stream, onEnd: () => void) {
    this.stream = stream
    this.#onEnd = onEnd
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('close', this.#onClose)
    stream.addEventListener('remoteCloseWrite', this.#onClose)
  }

  get usable(): boolean {
    const { status, writeStatus, remoteWriteStatus } = this.stream
    const open = status === 'open' && writeStatus === 'writable' && remoteWriteStatus === 'writable'
    return open && !this.#ended && this.#waiting === null
  }

  /** Asks; the answer is the next message. Rejects where the stream ends first. */
  async ask(frame: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    this.#waiting = { resolve, reject }
    try {
      this.stream.send(frame)
    } catch (error) {
      this.#end(error as Error)
    }
    return promise
  }

  /** Says something to which there is no answer. */
  tell(frame: Uint8Array): void {
    this.stream.send(frame)
  }

  /** Ends it: an answer that is still to come would be taken for another's. */
  abort(error: Error): void {
    this.#end(error)
    this.stream.abort(error)
  }

  close(): void {
    this.#end(new StreamEndedError('the stream was closed here'))
    this.stream.close().catch((error: Error) => this.stream.abort(error))
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    try {
      for (const frame of this.#reader.push(data.subarray())) {
        const waiting = this.#waiting
        this.#waiting = null
        if (waiting === null) throw new StreamEndedError('an answer to no question')
        waiting.resolve(frame)
      }
    } catch (error) {
      this.abort(error as Error)
    }
  }

  readonly #onClose = (event: Event): void => {
    const { error } = event as StreamCloseEvent
    this.#end(error ?? new StreamEndedError('the other side ended the stream'))
  }

  #end(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.reject(error)
    if (this.#ended) return
    this.#ended = true
    this.stream.removeEventListener('message', this.#onMessage)
    this.stream.removeEventListener('close', this.#onClose)
    this.stream.removeEventListener('remoteCloseWrite', this.#onClose)
    this.#onEnd()
  }
}
