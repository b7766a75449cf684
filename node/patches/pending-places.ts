import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { KadlabError } from '../base/errors.ts'
import type { Clock } from '../time/clock.ts'
import { libp2pParts, type RawConnection } from './parts.ts'
import { wrap } from './wrap.ts'

/** Whoever dials speaks first: one that has said nothing for so long holds a place of others. */
const FIRST_BYTE_MS = 3000
/** Of all places: what one address may hold, and one network of addresses (/24, /64). */
const SHARES = { host: 1 / 2, network: 3 / 4 }

/** A connection was opened and nothing was said on it. */
export class SilentConnectionError extends KadlabError {
  static override readonly name = 'SilentConnectionError'
}

export interface PendingPlacesOptions {
  /** Connections that may be in their handshake at a time. */
  places: number
}

/**
 * Leaves places for handshakes to others, whatever one address does. Stock libp2p counts them for all together, and
 * waits 10 s for each: who opens them anew as quickly as they end keeps everybody else out.
 */
export function sharePendingPlaces(
  { libp2p, clock }: { libp2p: Libp2p; clock: Clock },
  { places }: PendingPlacesOptions,
): void {
  const { connectionManager, upgrader } = libp2pParts(libp2p)
  const held = new Map<string, number>()
  const count = (name: string, change: 1 | -1): void => {
    const now = (held.get(name) ?? 0) + change
    if (now === 0) held.delete(name)
    else held.set(name, now)
  }
  const holdsTooMany = (address: Multiaddr): boolean =>
    groupsOf(address).some(
      ({ name, share }) => (held.get(name) ?? 0) > Math.max(1, Math.floor(places * share)),
    )

  // It is asked from within the upgrade: the connection itself is counted by then.
  wrap(connectionManager, 'acceptIncomingConnection', (accept) => (connection) => {
    return !holdsTooMany(connection.remoteAddr) && accept(connection)
  })
  wrap(upgrader, 'upgradeInbound', (upgrade) => async (connection, options) => {
    const groups = groupsOf(connection.remoteAddr)
    for (const { name } of groups) count(name, 1)
    const timer = clock.setTimeout(() => endSilent(connection), FIRST_BYTE_MS)
    try {
      return await upgrade(connection, options)
    } finally {
      clock.clearTimeout(timer)
      for (const { name } of groups) count(name, -1)
    }
  })
}

function endSilent(connection: RawConnection): void {
  // A connection of another transport does not say what came.
  if (connection.socket?.bytesRead !== 0) return
  connection.abort(new SilentConnectionError(`nothing was said for ${FIRST_BYTE_MS} ms`))
}

function groupsOf(address: Multiaddr): { name: string; share: number }[] {
  const host = address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')
  if (host?.value === undefined) return []
  const { value } = host
  const network = host.name === 'ip4' ? value.replace(/\.\d+$/, '.0/24') : `${prefix64(value)}/64`
  return [
    { name: value, share: SHARES.host },
    { name: network, share: SHARES.network },
  ]
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
