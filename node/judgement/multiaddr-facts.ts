import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { readPeerId } from '../base/read-peer-id.ts'

/** The host and port of a multiaddr, as far as it has them. */
export interface HostPort {
  host: string
  port: number | null
  family: 'ip4' | 'ip6' | 'dns'
}

/** How far from its own machine an address leads: the further, the more it says to others. */
export type Reach = 'loopback' | 'private' | 'public'

/** Host and port of `address`; null where it names no host (a relay's or a memory address, or no multiaddr at all). */
export function hostPort(address: string): HostPort | null {
  let found: HostPort | null = null
  try {
    for (const { name, value } of multiaddr(address).getComponents()) {
      if (value === undefined) continue
      if (found === null) {
        if (name === 'ip4' || name === 'ip6') found = { host: value, port: null, family: name }
        else if (name.startsWith('dns')) found = { host: value, port: null, family: 'dns' }
      } else if (name === 'tcp' || name === 'udp') {
        return { ...found, port: Number(value) }
      }
    }
  } catch {
    return null
  }
  return found
}

/** Whether libp2p counts `address` as private decides this; a DNS name is public, as it is for libp2p. */
export function reachOf(address: string): Reach {
  const found = hostPort(address)
  if (found?.host.startsWith('127.') === true || found?.host === '::1') return 'loopback'
  try {
    return isPrivate(multiaddr(address)) ? 'private' : 'public'
  } catch {
    return 'private'
  }
}

/** Transports that a node over TCP does not speak, by what stands in their addresses, the outermost first. */
const OTHER_TRANSPORTS = [
  ['p2p-circuit', 'relay'],
  ['webrtc-direct', 'WebRTC'],
  ['webrtc', 'WebRTC'],
  ['webtransport', 'WebTransport'],
  ['quic-v1', 'QUIC'],
  ['quic', 'QUIC'],
  ['ws', 'WebSocket'],
  ['wss', 'WebSocket'],
  ['udp', 'UDP'],
] as const

/** The transport that `address` needs, where that is not plain TCP; null where it is. */
export function otherTransportOf(address: string): string | null {
  const parts = new Set(address.split('/'))
  return OTHER_TRANSPORTS.find(([part]) => parts.has(part))?.[1] ?? null
}

/** `address` without the `/p2p/` part at its end. */
export function withoutPeerId(address: string): string {
  return address.replace(/\/(?:p2p|ipfs)\/[^/]+$/, '')
}

/** The peer id at the end of `address`, as libp2p prints it; null where it has none. */
export function peerIdOf(address: string): string | null {
  const spelled = /\/(?:p2p|ipfs)\/([^/]+)$/.exec(address)?.[1]
  return spelled === undefined ? null : canonicalPeerId(spelled)
}

/** As libp2p prints it; what cannot be read stays as it is. */
function canonicalPeerId(spelled: string): string {
  if (/^(?:1|Qm)/.test(spelled)) return spelled
  return readPeerId(spelled) ?? spelled
}
