import { isIPv6 } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { isLoopback } from '@libp2p/utils'
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { NodeConfig } from '../config/config.ts'

type AnnounceConfig = Pick<NodeConfig, 'listen' | 'publicIp' | 'announce' | 'appendAnnounce'>

/**
 * The addresses that are announced by the operator's word, as libp2p's address manager takes them.
 *
 * ANNOUNCE, or else PUBLIC_IP with the ports that the node listens on, replaces the interfaces' addresses;
 * APPEND_ANNOUNCE comes on top of whichever it is. libp2p drops `appendAnnounce` where `announce` is given, so the two
 * are joined here.
 */
export function announcedByConfig(config: AnnounceConfig): {
  announce: string[]
  appendAnnounce: string[]
} {
  const instead = config.announce.length > 0 ? [...config.announce] : publicAddresses(config)
  const beside = [...config.appendAnnounce]
  return instead.length > 0
    ? { announce: [...new Set([...instead, ...beside])], appendAnnounce: [] }
    : { announce: [], appendAnnounce: beside }
}

function publicAddresses({ publicIp, listen }: AnnounceConfig): string[] {
  if (publicIp === null) return []
  const ports = new Set(listen.map((address) => portOf(multiaddr(address))))
  const host = `/${isIPv6(publicIp) ? 'ip6' : 'ip4'}/${publicIp}`
  return [...ports].map((port) => `${host}/tcp/${port}`)
}

function portOf(address: Multiaddr): string {
  return address.getComponents().find(({ name }) => name === 'tcp')?.value ?? ''
}

/** Leaves out loopback addresses where there are others: nobody else can use them. */
export function withoutLoopback(addresses: Multiaddr[]): Multiaddr[] {
  const others = addresses.filter((address) => !isLoopback(address))
  return others.length > 0 ? others : addresses
}

/** The addresses that others are told at this moment, without the peer id. */
export function announcedAddresses(libp2p: Libp2p): Multiaddr[] {
  return libp2p.getMultiaddrs().map((address) => address.decapsulateCode(CODE_P2P))
}
