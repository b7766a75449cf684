import { KadlabError } from '../base/errors.ts'

/** A message that is announced as longer than any that is taken. */
export class FrameTooLongError extends KadlabError {
  static override readonly name = 'FrameTooLongError'
}

const MAX_CHUNKS = 64

/**
 * Takes a stream apart into messages: each has its length before it as a varint. What is longer than the limit is
 * refused by its length, before any of it is kept.
 */
export class FrameReader {
  readonly #maxBytes: number
  #kept: Uint8Array[] = []
  #keptBytes = 0

  /** @param maxBytes of one message */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of a message that has not come to its end. */
  get pendingBytes(): number {
    return this.#keptBytes
  }

  /**
   * Takes bytes as they come; returns the messages that are whole with them.
   *
   * @throws FrameTooLongError
   */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#kept.push(chunk)
    this.#keptBytes += chunk.byteLength
    // A byte at a time would cost a hundred bytes each.
    if (this.#kept.length > MAX_CHUNKS) this.#joined()
    const frames: Uint8Array[] = []
    for (;;) {
      const header = this.#header()
      if (header === null || this.#keptBytes < header.start + header.length) return frames
      const bytes = this.#joined()
      const end = header.start + header.length
      frames.push(bytes.subarray(header.start, end))
      this.#kept = end === bytes.byteLength ? [] : [bytes.subarray(end)]
      this.#keptBytes = bytes.byteLength - end
    }
  }

  /** Where the next message starts and how long it is; null where that has not come yet. */
  #header(): { start: number; length: number } | null {
    if (this.#keptBytes === 0) return null
    // A length has at most 4 bytes here: nearly always the first chunk holds it.
    const first = this.#kept[0]
    const head = first !== undefined && first.byteLength >= 4 ? first : this.#joined()
    let length = 0
    for (let index = 0; index < head.byteLength; index += 1) {
      const byte = head[index] ?? 0
      length += (byte & 0x7f) * 128 ** index
      if (length > this.#maxBytes || index > 4) {
        throw new FrameTooLongError(
          `expected a message of at most ${this.#maxBytes} bytes, saw one that says ${length}`,
        )
      }
      if (byte < 0x80) return { start: index + 1, length }
    }
    return null
  }

  #joined(): Uint8Array {
    const [only] = this.#kept
    if (this.#kept.length === 1 && only !== undefined) return only
    const joined = Buffer.concat(this.#kept)
    this.#kept = [joined]
    return joined
  }
}
