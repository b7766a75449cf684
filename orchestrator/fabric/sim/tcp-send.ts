/**
 * The largest payload of a segment. Far above an Ethernet frame's, as with segmentation offload: a simulated packet
 * costs the same whatever its size.
 */
export const segmentBytes = 16 * 1024

/** Something that holds sequence numbers and is sent again until it is acknowledged. */
export interface SentSegment {
  sequence: number
  /** The sequence number after it. */
  end: number
  payload: Uint8Array
  syn: boolean
  fin: boolean
  sentMs: number
  /** A segment sent twice tells nothing about the round trip (Karn). */
  repeated: boolean
}

/** The sending half of a connection: what waits to be sent, and what was sent and is not acknowledged yet. */
export class SendBuffer {
  /** The next sequence number to be sent. */
  next: number
  /** Bytes that the receiver has room for, from the last acknowledgement on. */
  window = 0
  readonly inFlight: SentSegment[] = []
  #acknowledged: number
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #ending = false
  #endSent = false

  constructor(initial: number) {
    this.next = initial
    this.#acknowledged = initial
  }

  /** Bytes that were written and not sent yet. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Whether `end` was called, everything was sent, and all of it is acknowledged. */
  get finished(): boolean {
    return this.#endSent && this.inFlight.length === 0
  }

  /** Whether everything, with the end, has been sent at least once. */
  get endSent(): boolean {
    return this.#endSent
  }

  get ending(): boolean {
    return this.#ending
  }

  write(data: Uint8Array): void {
    this.#queue.push(data)
    this.#queuedBytes += data.byteLength
  }

  end(): void {
    this.#ending = true
  }

  /** The SYN, which is sent whatever the window. */
  takeSyn(nowMs: number): SentSegment {
    return this.#send({ payload: new Uint8Array(), syn: true, fin: false }, nowMs)
  }

  /** The next segment that the window has room for; null where there is none. */
  take(nowMs: number): SentSegment | null {
    const room = this.window - (this.next - this.#acknowledged)
    if (this.#queuedBytes > 0) {
      const size = Math.min(segmentBytes, this.#queuedBytes, room)
      if (size <= 0) return null
      return this.#send({ payload: this.#dequeue(size), syn: false, fin: false }, nowMs)
    }
    if (!this.#ending || this.#endSent) return null
    this.#endSent = true
    return this.#send({ payload: new Uint8Array(), syn: false, fin: true }, nowMs)
  }

  /** Notes an acknowledgement; returns the segments that it covers. */
  acknowledge(upTo: number): SentSegment[] {
    if (upTo <= this.#acknowledged) return []
    this.#acknowledged = upTo
    const left = this.inFlight.findIndex((segment) => segment.end > upTo)
    return this.inFlight.splice(0, left === -1 ? this.inFlight.length : left)
  }

  #send(what: Pick<SentSegment, 'payload' | 'syn' | 'fin'>, nowMs: number): SentSegment {
    const length = what.payload.byteLength + (what.syn || what.fin ? 1 : 0)
    const end = this.next + length
    const segment = { ...what, sequence: this.next, end, sentMs: nowMs, repeated: false }
    this.next = end
    this.inFlight.push(segment)
    return segment
  }

  #dequeue(size: number): Uint8Array {
    this.#queuedBytes -= size
    const first = this.#queue[0]
    if (first !== undefined && first.byteLength === size) {
      this.#queue.shift()
      return first
    }
    const payload = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      const chunk = this.#queue[0]
      if (chunk === undefined) break
      const part = chunk.subarray(0, size - filled)
      payload.set(part, filled)
      filled += part.byteLength
      if (part.byteLength === chunk.byteLength) this.#queue.shift()
      else this.#queue[0] = chunk.subarray(part.byteLength)
    }
    return payload
  }
}
