import { cidrOf, contains, parseAddress } from '#orchestrator/net/addresses.ts'

/**
 * The lines of `ip -o -4 addr` and `ip -4 route` that tell of anything but loopback and some subnets: a second interface
 * on the host's `docker_gwbridge`, a route to elsewhere, a default route by a gateway that is on none of them.
 *
 * @param subnets - CIDRs of the networks on which the container stands
 */
export function findStrays(lines: readonly string[], subnets: readonly string[]): string[] {
  const own = subnets.map((subnet) => cidrOf(subnet))
  const isOwn = (text: string): boolean => {
    const address = parseAddress(text.replace(/\/\d+$/, ''))
    return address !== null && own.some((subnet) => contains(subnet, address))
  }
  return lines.filter((line) => {
    const [, interfaced] = /^\d+: \S+\s+inet (\S+)/.exec(line) ?? []
    if (interfaced !== undefined) return !interfaced.startsWith('127.') && !isOwn(interfaced)
    const [, gateway] = /^default via (\S+)/.exec(line) ?? []
    if (gateway !== undefined) return !isOwn(gateway)
    const [target = ''] = line.split(' ')
    return line.trim() !== '' && !isOwn(target)
  })
}
