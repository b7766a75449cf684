import { type Block, type BlockWay, concernsPort } from '#orchestrator/net/block.ts'
import type { Packet } from './packet.ts'

/** What a scenario blocks between hosts: asked of each packet where it arrives, by who sent it first. */
export class SimFirewall {
  readonly #byPair = new Map<string, Block[]>()

  /** Whether anything is blocked: only then packets say who sent them. */
  get isUp(): boolean {
    return this.#byPair.size > 0
  }

  /** Blocks these and nothing else. */
  set(blocks: readonly Block[]): void {
    this.#byPair.clear()
    for (const block of blocks) {
      const key = pairKey(block.from, block.to)
      this.#byPair.set(key, [...(this.#byPair.get(key) ?? []), block])
    }
  }

  /** How a packet fails that arrives at `host`; null where it passes. ICMP passes. */
  verdict(packet: Packet, host: string): BlockWay | null {
    if (packet.from === undefined || packet.protocol === 'icmp') return null
    const { protocol, source, destination } = packet
    const ports = { protocol, sourcePort: source.port, destinationPort: destination.port }
    const blocks = this.#byPair.get(pairKey(packet.from, host))
    return blocks?.find((block) => concernsPort(block, ports))?.by ?? null
  }
}

function pairKey(from: string, to: string): string {
  return `${from} ${to}`
}
