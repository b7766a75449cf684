import type { TcpSegment } from './packet.ts'

/** Bytes that a receiver keeps for an application that does not read. */
export const receiveWindowBytes = 256 * 1024

/** The receiving half of a connection: puts segments in order, and holds bytes back while the application pauses. */
export class ReceiveBuffer {
  /** The next sequence number that is expected. */
  expected: number
  readonly #early = new Map<number, TcpSegment>()
  #unread: Uint8Array[] = []
  #unreadBytes = 0
  #ended = false

  constructor(expected: number) {
    this.expected = expected
  }

  /** Room that the sender is told of. */
  get window(): number {
    return Math.max(0, receiveWindowBytes - this.#unreadBytes)
  }

  /** Whether the sender has ended its direction, and everything before that has come. */
  get ended(): boolean {
    return this.#ended
  }

  /** Takes a segment in; false where it brought nothing that could be used at once. */
  accept(segment: TcpSegment): boolean {
    if (segment.sequence > this.expected) {
      this.#early.set(segment.sequence, segment)
      return false
    }
    if (segment.sequence < this.expected || this.#ended) return false
    let next: TcpSegment | undefined = segment
    while (next !== undefined) {
      this.#early.delete(next.sequence)
      this.#take(next)
      next = this.#early.get(this.expected)
    }
    return true
  }

  /** Everything that is in order and was not read yet. */
  read(): Uint8Array[] {
    const chunks = this.#unread
    this.#unread = []
    this.#unreadBytes = 0
    return chunks
  }

  #take(segment: TcpSegment): void {
    const { payload, fin } = segment
    this.expected += payload.byteLength + (fin ? 1 : 0)
    this.#ended = fin
    if (payload.byteLength === 0) return
    this.#unread.push(payload)
    this.#unreadBytes += payload.byteLength
  }
}
