import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'

/** Open connections of one peer above which it is let in no more. Each of them costs streams, identify and pings. */
export const MAX_CONNECTIONS_OF_PEER = 16

export interface PeerConnections {
  /** Refuses a connection once it is known whose it is, before anything is spoken over it. */
  readonly gater: ConnectionGater
  /** Says whose connections are counted: the gater is needed before the host is there. */
  count(libp2p: Pick<Libp2p, 'getConnections'>): void
}

/** Bounds the connections of one peer id. What this node dials itself is not bounded, and counts. */
export function boundConnectionsOfPeer({
  onRefused = () => {},
}: { onRefused?: (peer: PeerId) => void } = {}): PeerConnections {
  let host: Pick<Libp2p, 'getConnections'> | null = null
  const hasTooMany = (peer: PeerId): boolean => {
    if ((host?.getConnections(peer).length ?? 0) < MAX_CONNECTIONS_OF_PEER) return false
    onRefused(peer)
    return true
  }
  return {
    // Once more at the end: many handshakes may be under way at a time.
    gater: {
      denyInboundEncryptedConnection: hasTooMany,
      denyInboundUpgradedConnection: hasTooMany,
    },
    count(libp2p) {
      host = libp2p
    },
  }
}
