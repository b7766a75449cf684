import type { Connection, Libp2p } from '@libp2p/interface'
import { CODE_P2P } from '@multiformats/multiaddr'
import type { DialWatch } from './dial-watch.ts'
import { KeptAddresses } from './kept-addresses.ts'
import { wrap } from './wrap.ts'

export interface KeepDialledComponents {
  libp2p: Libp2p
  dials: DialWatch
}

/**
 * Keeps the addresses at which this node has dialled a peer with success.
 *
 * Identify replaces a peer's stored addresses by those that the peer announces (`consumeIdentifyMessage` of
 * @libp2p/identify calls `peerStore.patch`). Where a peer behind 1:1 NAT announces only its private address, stock
 * libp2p so forgets the one address known to work, moments after it worked: it cannot list the peer, tell others of
 * it, or dial it again. Here the dialled addresses are part of whatever replaces the stored ones, so that there is no
 * moment without them. An address is forgotten when a dial to it fails.
 */
export function keepDialledAddresses(components: KeepDialledComponents): { stop: () => void } {
  const { libp2p, dials } = components
  const kept = new KeptAddresses()

  const unwrap = wrap(
    libp2p.peerStore,
    'patch',
    (patch) => async (peerId, data, options) => patch(peerId, kept.addedTo(peerId, data), options),
  )

  const onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (connection.direction !== 'outbound' || connection.limits !== undefined) return
    const address = connection.remoteAddr.decapsulateCode(CODE_P2P).toString()
    kept.keep(connection.remotePeer.toString(), address)
  }
  libp2p.addEventListener('connection:open', onOpen)
  const offDial = dials.onDial(({ peerId, address, error }) => {
    if (error !== null && peerId !== null) kept.forget(peerId, address)
  })

  return {
    stop: () => {
      libp2p.removeEventListener('connection:open', onOpen)
      offDial()
      unwrap()
    },
  }
}
