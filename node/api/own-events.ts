import type { Listener } from '@libp2p/interface'
import { CODE_P2P } from '@multiformats/multiaddr'
import type { NodeEventBody } from '../events/node-event.ts'
import { announcedAddresses } from '../peer/announce.ts'
import { waitingFor, type WaitingPeer } from './readiness.ts'

export interface OwnEventsComponents {
  peer: WaitingPeer
  emit: (event: NodeEventBody) => void
}

/**
 * Tells what becomes of the node itself: where it listens, what it announces, its Kademlia mode, and (once) that it is
 * ready. What becomes of its peers is the observer's to tell.
 *
 * @returns ends it.
 */
export function tellOwnEvents({ peer, emit }: OwnEventsComponents): () => void {
  const { libp2p, dht } = peer
  let announced = ''
  let mode: 'client' | 'server' | null = null
  let ready = false

  const onListening = ({ detail }: CustomEvent<Listener>): void => {
    for (const address of detail.getAddrs()) {
      emit({ event: 'listening', address: address.decapsulateCode(CODE_P2P).toString() })
    }
    tellChanges()
  }
  const tellChanges = (): void => {
    const addresses = announcedAddresses(libp2p).map(String)
    if (addresses.join() !== announced) {
      announced = addresses.join()
      emit({ event: 'announcing', addresses })
    }
    if (dht.getMode() !== mode) {
      mode = dht.getMode()
      emit({ event: 'mode', mode })
    }
    if (!ready && waitingFor(peer).length === 0) {
      ready = true
      emit({ event: 'ready' })
    }
  }

  libp2p.addEventListener('transport:listening', onListening)
  libp2p.addEventListener('start', tellChanges)
  libp2p.addEventListener('self:peer:update', tellChanges)
  libp2p.addEventListener('connection:open', tellChanges)
  dht.routingTable.addEventListener('peer:add', tellChanges)
  return () => {
    libp2p.removeEventListener('transport:listening', onListening)
    libp2p.removeEventListener('start', tellChanges)
    libp2p.removeEventListener('self:peer:update', tellChanges)
    libp2p.removeEventListener('connection:open', tellChanges)
    dht.routingTable.removeEventListener('peer:add', tellChanges)
  }
}
