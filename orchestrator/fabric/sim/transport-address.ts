import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'

/** The endpoint of `/ip4/<address>/tcp/<port>`, with or without `/p2p/<peer>` behind it; null for all else. */
export function tcpEndpoint(address: Multiaddr): Endpoint | null {
  const [network, transport, peer, ...rest] = address.getComponents()
  if (network?.name !== 'ip4' || transport?.name !== 'tcp' || rest.length > 0) return null
  if (peer !== undefined && peer.name !== 'p2p') return null
  if (network.value === undefined || transport.value === undefined) return null
  return { address: network.value, port: Number(transport.value) }
}

export function toMultiaddr(endpoint: Endpoint): Multiaddr {
  return multiaddr(`/ip4/${endpoint.address}/tcp/${endpoint.port}`)
}
