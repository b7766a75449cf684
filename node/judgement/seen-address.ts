import { hostPort, otherTransportOf, reachOf } from './multiaddr-facts.ts'
import type { Observation } from './observation.ts'

/** Where the observer sees the target: the address that the target should announce. */
export interface SeenAddress {
  host: string
  /**
   * The port that the observer dialled, which leads to the target, else that on which the target listens as far as it
   * says; never that of an inbound connection, which is the NAT's.
   */
  port: number | null
  /** True where the observer came in through this very port. */
  isOpen: boolean
  /** True where the target announces another port: then it listens on one and is reached at the other. */
  isForwarded: boolean
  multiaddr: string
}

/** The address at which the observer sees the target, where the observer's filter would keep it. */
export function seenAddress({ connections, identify, observer }: Observation): SeenAddress | null {
  const ordered = connections.toSorted((one, other) => rank(one.direction) - rank(other.direction))
  for (const { remoteAddress, limited } of ordered) {
    const seen = hostPort(remoteAddress)
    const reach = reachOf(remoteAddress)
    if (seen === null || limited || reach === 'loopback') continue
    if (observer.scope !== 'any' && reach !== (observer.scope ?? 'public')) continue
    const announced = identify.state === 'done' ? identify.announced.filter(isPlain) : []
    const listening = announced.map((one) => hostPort(one)?.port ?? null).filter(isNumber)
    const dials = connections
      .filter(({ direction }) => direction === 'outbound')
      .map((one) => one.remoteAddress)
      .filter((one) => hostPort(one)?.host === seen.host)
    const dialled = dials.filter(isPlain).map((one) => hostPort(one)?.port ?? null)[0]
    const port = dialled ?? listening[0] ?? null
    const base = `/${seen.family === 'dns' ? 'dns4' : seen.family}/${seen.host}`
    return {
      host: seen.host,
      port,
      isOpen: isNumber(dialled ?? null),
      isForwarded: port !== null && listening.length > 0 && !listening.includes(port),
      // Where nothing is known of TCP, what was dialled leads to it all the same.
      multiaddr: port === null && dials[0] !== undefined ? dials[0] : `${base}/tcp/${port ?? 3000}`,
    }
  }
  return null
}

/** An inbound connection shows the address that the target's NAT gives it; an outbound one only what was dialled. */
function rank(direction: 'inbound' | 'outbound'): number {
  return direction === 'inbound' ? 0 : 1
}

/** Of another transport the port is one of UDP, or of a web server. */
function isPlain(address: string): boolean {
  return otherTransportOf(address) === null
}

function isNumber(value: number | null): value is number {
  return value !== null
}
