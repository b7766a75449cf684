import { KadlabError } from '#node/base/errors.ts'
import { formatAddress, parseCidr, sizeOf } from './addresses.ts'

/** A subnet has too few addresses left. */
export class SubnetFullError extends KadlabError {
  static override readonly name = 'SubnetFullError'
}

/**
 * Host addresses of a subnet that are not taken, from its top downwards (engines hand out theirs from the bottom).
 *
 * @throws SubnetFullError where fewer than `count` are free
 */
export function lastFreeAddresses(subnet: string, taken: Set<string>, count: number): string[] {
  const cidr = parseCidr(subnet)
  const free: string[] = []
  if (cidr !== null) {
    // The first address is the network's own, the last one its broadcast address.
    for (let offset = sizeOf(cidr) - 2; offset >= 1 && free.length < count; offset -= 1) {
      const address = formatAddress(cidr.base + offset)
      if (!taken.has(address)) free.push(address)
    }
  }
  if (free.length < count) {
    throw new SubnetFullError(
      `expected ${count} free addresses in ${subnet} for the NAT proof's probes, saw ${free.length}: give the network a larger subnet`,
    )
  }
  return free
}
