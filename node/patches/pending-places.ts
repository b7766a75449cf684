import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { KadlabError } from '../base/errors.ts'
import { addressGroup } from '../judgement/address-group.ts'
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
  onRefused?: (what: 'connection' | 'silent-connection') => void
}

/**
 * Leaves places for handshakes to others, whatever one address does. Stock libp2p counts them for all together, and
 * waits 10 s for each: who opens them anew as quickly as they end keeps everybody else out.
 */
export function sharePendingPlaces(
  { libp2p, clock }: { libp2p: Libp2p; clock: Clock },
  { places, onRefused = () => {} }: PendingPlacesOptions,
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
    const isAccepted = !holdsTooMany(connection.remoteAddr) && accept(connection)
    if (!isAccepted) onRefused('connection')
    return isAccepted
  })
  wrap(upgrader, 'upgradeInbound', (upgrade) => async (connection, options) => {
    const groups = groupsOf(connection.remoteAddr)
    for (const { name } of groups) count(name, 1)
    const timer = clock.setTimeout(() => {
      if (endSilent(connection)) onRefused('silent-connection')
    }, FIRST_BYTE_MS)
    try {
      return await upgrade(connection, options)
    } finally {
      clock.clearTimeout(timer)
      for (const { name } of groups) count(name, -1)
    }
  })
}

/** True where it was one that had said nothing. */
function endSilent(connection: RawConnection): boolean {
  // A connection of another transport does not say what came.
  if (connection.socket?.bytesRead !== 0) return false
  connection.abort(new SilentConnectionError(`nothing was said for ${FIRST_BYTE_MS} ms`))
  return true
}

function groupsOf(address: Multiaddr): { name: string; share: number }[] {
  const group = addressGroup(address)
  if (group === null) return []
  return [
    { name: group.host, share: SHARES.host },
    { name: group.network, share: SHARES.network },
  ]
}
