import type { Connection, Libp2p } from '@libp2p/interface'
import { isPeerId } from '@libp2p/interface'
import { libp2pParts } from './parts.ts'
import { wrap } from './wrap.ts'

/**
 * Makes streams go over the connection to a peer that has lasted longest.
 *
 * Stock libp2p takes the newest of several (`connection-manager/utils.ts`, `findExistingConnection`: its comparator
 * never answers "equal"). While the peer dials this node back, the newest is a connection that it is about to close,
 * and what is asked over it fails.
 */
export function preferLastingConnections(libp2p: Libp2p): void {
  const { connectionManager } = libp2pParts(libp2p)
  wrap(connectionManager, 'openConnection', (openAny) => async (target, options) => {
    const lasting =
      isPeerId(target) && options?.force !== true
        ? longestLasting(connectionManager.getConnections(target))
        : undefined
    return lasting ?? openAny(target, options)
  })
}

/** Relayed connections are limited, and left to libp2p's own choice. */
function longestLasting(connections: Connection[]): Connection | undefined {
  return connections
    .filter(({ status, limits }) => status === 'open' && limits === undefined)
    .toSorted((one, other) => one.timeline.open - other.timeline.open)
    .at(0)
}
