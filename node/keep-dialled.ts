import type { Connection, IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { DialWatch } from './dial-watch.ts'
import { describeError } from './errors.ts'
import type { KadDHT } from './kad.ts'
import type { Log } from './log.ts'

/** Addresses that are kept of one peer: the last ones that worked. */
const MAX_PER_PEER = 4

export interface KeepDialledComponents {
  libp2p: Libp2p
  dht: KadDHT
  dials: DialWatch
  log: Log
}

/**
 * Keeps the addresses at which this node has dialled a peer with success.
 *
 * Identify replaces a peer's stored addresses by those that the peer announces. Where a peer behind 1:1 NAT announces
 * only its private address, stock libp2p so forgets the one address known to work, moments after it worked: it cannot
 * list the peer, tell others of it, or dial it again. Here each identify is followed by putting the dialled addresses
 * back and knocking at the routing table once more. An address is forgotten when a dial to it fails.
 */
export function keepDialledAddresses(components: KeepDialledComponents): { stop: () => void } {
  const { libp2p, dht, dials, log } = components
  const kept = new Map<string, string[]>()

  const onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (connection.direction !== 'outbound' || connection.limits !== undefined) return
    const peer = connection.remotePeer.toString()
    const address = connection.remoteAddr.decapsulateCode(CODE_P2P).toString()
    const others = (kept.get(peer) ?? []).filter((known) => known !== address)
    kept.set(peer, [address, ...others].slice(0, MAX_PER_PEER))
  }

  const onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const addresses = kept.get(detail.peerId.toString())
    if (addresses === undefined) return
    putBack(detail.peerId, addresses, detail.protocols.includes(dht.protocol)).catch((error) => {
      const peer = detail.peerId.toString()
      log.debug({ peer, error: describeError(error) }, 'the dialled address was not kept')
    })
  }

  const putBack = async (peerId: PeerId, addresses: string[], isServer: boolean): Promise<void> => {
    const multiaddrs = addresses.map((address) => multiaddr(address))
    const peer = await libp2p.peerStore.merge(peerId, { multiaddrs })
    if (!isServer) return
    const known = peer.addresses.map((address) => address.multiaddr)
    await dht.onPeerConnect({ id: peerId, multiaddrs: known })
  }

  libp2p.addEventListener('connection:open', onOpen)
  libp2p.addEventListener('peer:identify', onIdentify)
  const offDial = dials.onDial(({ peerId, address, error }) => {
    const addresses = error === null || peerId === null ? undefined : kept.get(peerId)
    if (peerId === null || addresses?.includes(address) !== true) return
    const left = addresses.filter((known) => known !== address)
    if (left.length === 0) kept.delete(peerId)
    else kept.set(peerId, left)
  })

  return {
    stop: () => {
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('peer:identify', onIdentify)
      offDial()
      kept.clear()
    },
  }
}
