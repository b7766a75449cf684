import type { Connection, Libp2p, PeerData, PeerId } from '@libp2p/interface'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { DialWatch } from './dial-watch.ts'
import { wrap } from './wrap.ts'

/** Addresses that are kept of one peer: the last ones that worked. */
const MAX_PER_PEER = 4
/** Peers of which addresses are kept: the last ones that were dialled. */
const MAX_PEERS = 10_000

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
  const kept = new Map<string, string[]>()

  const keep = (peer: string, address: string): void => {
    const others = (kept.get(peer) ?? []).filter((known) => known !== address)
    kept.delete(peer)
    kept.set(peer, [address, ...others].slice(0, MAX_PER_PEER))
    const [oldest] = kept.keys()
    if (kept.size > MAX_PEERS && oldest !== undefined) kept.delete(oldest)
  }
  const forget = (peer: string, address: string): void => {
    const left = (kept.get(peer) ?? []).filter((known) => known !== address)
    if (left.length === 0) kept.delete(peer)
    else kept.set(peer, left)
  }
  const withKept = (peerId: PeerId, data: PeerData): PeerData => {
    const addresses = kept.get(peerId.toString())
    if (addresses === undefined || data.addresses === undefined) return data
    const dialled = addresses.map((address) => ({
      multiaddr: multiaddr(address),
      isCertified: false,
    }))
    return { ...data, addresses: [...data.addresses, ...dialled] }
  }

  const unwrap = wrap(
    libp2p.peerStore,
    'patch',
    (patch) => async (peerId, data, options) => patch(peerId, withKept(peerId, data), options),
  )

  const onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (connection.direction !== 'outbound' || connection.limits !== undefined) return
    const address = connection.remoteAddr.decapsulateCode(CODE_P2P).toString()
    keep(connection.remotePeer.toString(), address)
  }
  libp2p.addEventListener('connection:open', onOpen)
  const offDial = dials.onDial(({ peerId, address, error }) => {
    if (error !== null && peerId !== null) forget(peerId, address)
  })

  return {
    stop: () => {
      libp2p.removeEventListener('connection:open', onOpen)
      offDial()
      unwrap()
    },
  }
}
