import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import type { SocketErrorCode } from './socket-error.ts'

/** The endpoint of `/ip4/<address>/tcp/<port>`, with or without `/p2p/<peer>` behind it; null for all else. */
export function tcpEndpoint(address: Multiaddr): Endpoint | null {
  const [network, transport, peer, ...rest] = address.getComponents()
  if (network?.name !== 'ip4' || transport?.name !== 'tcp' || rest.length > 0) return null
  if (peer !== undefined && peer.name !== 'p2p') return null
  if (network.value === undefined || transport.value === undefined) return null
  return { address: network.value, port: Number(transport.value) }
}

/** Why an address over TCP leads nowhere here: a name, since nobody answers for names, or IPv6, which no host has. */
export function deadEnd(
  address: Multiaddr,
): { code: SocketErrorCode; syscall: string; to: Endpoint } | null {
  const [host, transport] = address.getComponents()
  if (host?.value === undefined || transport?.name !== 'tcp') return null
  const to = { address: host.value, port: Number(transport.value) }
  if (/^dns[46]?$/.test(host.name)) return { code: 'ENOTFOUND', syscall: 'getaddrinfo', to }
  return host.name === 'ip6' ? { code: 'ENETUNREACH', syscall: 'connect', to } : null
}

export function toMultiaddr(endpoint: Endpoint): Multiaddr {
  return multiaddr(`/ip4/${endpoint.address}/tcp/${endpoint.port}`)
}
