import type { AbortOptions } from '../../base/abort-options.ts'

/** A call that was sent and is not answered yet, with what its maker has to remember of it. */
export interface PendingCall<Note, Answer> {
  note: Note
  resolve: (answer: Answer) => void
  reject: (reason: unknown) => void
}

/** Calls that went to the far end of two streams, whose answers come back by number and in any order. */
export class PendingCalls<Note, Answer> {
  readonly #calls = new Map<number, PendingCall<Note, Answer>>()
  #lastId = 0
  #ended: Error | null = null

  /**
   * Sends a call and waits for its answer.
   *
   * @param note - kept with the call until it is answered
   * @param send - told the number of the call
   * @param onAbort - told the number of a call that was given up
   * @throws the signal's reason, or what the calls were ended with
   */
  async make(
    note: Note,
    send: (id: number) => void,
    { signal }: AbortOptions = {},
    onAbort: (id: number) => void = () => {},
  ): Promise<Answer> {
    signal?.throwIfAborted()
    if (this.#ended !== null) throw this.#ended
    this.#lastId += 1
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#calls.set(id, { note, resolve, reject })
    const giveUp = (): void => {
      this.#calls.delete(id)
      onAbort(id)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      send(id)
      return await promise
    } finally {
      this.#calls.delete(id)
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** The call of this number; undefined where it was answered, given up, or never made. */
  get(id: number): PendingCall<Note, Answer> | undefined {
    return this.#calls.get(id)
  }

  /** Rejects every call that is under way, and each later one. The first error stays. */
  end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#calls.values()) reject(this.#ended)
    this.#calls.clear()
  }
}
