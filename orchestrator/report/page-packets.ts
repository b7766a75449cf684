import { readPacket } from '#orchestrator/capture/read-packet.ts'
import type { PacketLine } from '#orchestrator/picture/packets.ts'
import type { RunPacket } from '#orchestrator/run/run.ts'

/** Packets in a page: those beyond are in the capture beside it. */
export const MOST_PACKETS = 20_000

/** Makes lines of a page of the packets of a run, in order. */
export class PagePackets {
  readonly #most: number
  #number = 0

  constructor(most: number = MOST_PACKETS) {
    this.#most = most
  }

  /** @returns null for a packet that is too much for a page, or cannot be read */
  next({ network, bytes, atMs }: RunPacket): string | null {
    this.#number += 1
    const head = this.#number > this.#most ? null : readPacket(bytes)
    if (head === null) return null
    const { from, to, says, about } = head
    const line: PacketLine = {
      type: 'packet',
      number: this.#number,
      network,
      atMs: Math.round(atMs * 1000) / 1000,
      from,
      to,
      says,
      ...(about !== null && { about }),
    }
    return JSON.stringify(line)
  }
}
