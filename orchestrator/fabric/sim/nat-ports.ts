import type { PortPolicy, Protocol } from '#orchestrator/net/nat.ts'
import type { Random } from './random.ts'

/** Well-known ports are never given out (RFC 4787 section 4.2.2 keeps them apart). */
const firstPort = 1024
const lastPort = 65_535

/** Gives out the ports of one outside address, each to one mapping at a time. */
export class PortPool {
  readonly #policy: PortPolicy
  readonly #random: Random
  readonly #taken = { tcp: new Set<number>(), udp: new Set<number>() }

  constructor(policy: PortPolicy, random: Random) {
    this.#policy = policy
    this.#random = random
  }

  /** Takes a port for a mapping of `insidePort`; null where all are taken. */
  take(protocol: Protocol, insidePort: number): number | null {
    const port = this.#choose(this.#taken[protocol], insidePort)
    if (port !== null) this.#taken[protocol].add(port)
    return port
  }

  /** Takes this very port, as a port forward does. */
  reserve(protocol: Protocol, port: number): void {
    this.#taken[protocol].add(port)
  }

  release(protocol: Protocol, port: number): void {
    this.#taken[protocol].delete(port)
  }

  #choose(taken: Set<number>, insidePort: number): number | null {
    if (this.#policy === 'preserve' && insidePort >= firstPort && !taken.has(insidePort)) {
      return insidePort
    }
    const start = this.#random.integer(firstPort, lastPort)
    const count = lastPort - firstPort + 1
    for (let offset = 0; offset < count; offset++) {
      const port = firstPort + ((start - firstPort + offset) % count)
      // A random policy that gave the inside port by chance would look like preservation.
      if (this.#policy === 'random' && port === insidePort) continue
      if (!taken.has(port)) return port
    }
    return null
  }
}
