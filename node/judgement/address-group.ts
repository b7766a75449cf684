import type { Multiaddr } from '@multiformats/multiaddr'

/** Whose an address is likely to be: who has one address of a network mostly has the others too. */
export interface AddressGroup {
  /** One IP address. */
  readonly host: string
  /** Its network: /24 of IPv4, /64 of IPv6. */
  readonly network: string
}

/** The host and the network of an address; null where it names no IP address. */
export function addressGroup(address: Multiaddr): AddressGroup | null {
  const part = address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')
  if (part?.value === undefined) return null
  const { name, value: host } = part
  const network = name === 'ip4' ? host.replace(/\.\d+$/, '.0/24') : `${prefix64(host)}::/64`
  return { host, network }
}

/** The first four groups of an IPv6 address. */
function prefix64(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = head.split(':').filter((group) => group !== '')
  const behind = (tail ?? '').split(':').filter((group) => group !== '')
  const missing = tail === undefined ? 0 : 8 - groups.length - behind.length
  const all = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...behind]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
