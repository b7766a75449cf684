import { BlockList } from 'node:net'
import type { ConnectionGater, PeerInfo } from '@libp2p/interface'
import { isPrivate } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { NodeConfig } from '../config/config.ts'
import type { DialRules } from './public-lookup.ts'

/**
 * Whether an address counts under a scope. Private is what libp2p takes for it (`isPrivate` of @libp2p/utils): with
 * RFC 1918 also 100.64/10, loopback, link-local and the documentation ranges. Names count as public.
 */
export function inScope(scope: NodeConfig['addressScope'], address: Multiaddr): boolean {
  return scope === 'any' || isPrivate(address) === (scope === 'private')
}

/** The address filter for kad-dht (its `peerInfoMapper`): a peer of which it leaves no address is not listed. */
export function scopeMapper(scope: NodeConfig['addressScope']): (peer: PeerInfo) => PeerInfo {
  return (peer) => ({
    ...peer,
    multiaddrs: peer.multiaddrs.filter((address) => inScope(scope, address)),
  })
}

/**
 * Keeps the node from dialling private addresses that others announce: on a cloud VM those are another tenant's, or
 * its own. Hosts that its operator named in BOOTSTRAP are dialled whatever they are. What a name leads to is looked at
 * where it is looked up (`publicLookup`).
 */
export function privateDialGater(config: DialConfig): ConnectionGater {
  const rules = dialRules(config)
  if (rules === null) return {}
  return {
    denyDialMultiaddr: (address) => {
      const host = hostOf(address)
      if (host?.value === undefined || rules.isNamed(host.value)) return false
      const { name, value } = host
      return (name === 'ip4' || name === 'ip6') && !rules.mayDial(value, name)
    },
  }
}

type DialConfig = Pick<NodeConfig, 'dialPrivate' | 'bootstrap'>

/** Which hosts the node dials; null: all. */
export function dialRules({ dialPrivate, bootstrap }: DialConfig): DialRules | null {
  if (dialPrivate === true) return null
  const named = new Set(bootstrap.map((address) => hostOf(multiaddr(address))?.value))
  const allowed = new BlockList()
  for (const range of dialPrivate === false ? [] : dialPrivate) {
    const [address = '', bits = ''] = range.split('/')
    allowed.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return {
    isNamed: (host) => named.has(host),
    mayDial: (address, family) =>
      !isPrivate(multiaddr(`/${family}/${address}`)) ||
      allowed.check(address, family === 'ip6' ? 'ipv6' : 'ipv4'),
  }
}

function hostOf(address: Multiaddr): { name: string; value?: string } | undefined {
  return address.getComponents().find(({ name }) => /^(ip4|ip6|dns|dns4|dns6)$/.test(name))
}
