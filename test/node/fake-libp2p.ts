import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { JoinComponents } from '#node/peer/join.ts'

/** What happens when the node under test dials. */
type Answer = { peer: PeerId } | { error: Error }

/** As much of a libp2p host as joining needs, whose dials and connections the test decides. */
export interface FakeLibp2p {
  libp2p: JoinComponents['libp2p']
  /** Addresses dialled so far, in order; those of one dial separated by commas. */
  readonly dialled: string[]
  /** Has an address of a peer stored, as others named it. */
  readonly name: (peer: string, address: string) => void
  readonly answer: (answer: Answer) => void
  /** Ends the connections to a peer. */
  readonly disconnect: (peer: PeerId) => void
}

export async function newPeerId(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

export async function createFakeLibp2p(): Promise<FakeLibp2p> {
  const events = new EventTarget()
  const dialled: string[] = []
  const named = new Map<string, { multiaddr: Multiaddr }[]>()
  let connections: Connection[] = []
  let current: Answer = { error: new Error('connect ECONNREFUSED') }
  const libp2p = {
    peerId: await newPeerId(),
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    getConnections: () => connections,
    peerStore: {
      has: async (peer: PeerId) => named.has(peer.toString()),
      get: async (peer: PeerId) => ({ addresses: named.get(peer.toString()) }),
    },
    dial: async (address: unknown) => {
      dialled.push(String(address))
      if ('error' in current) throw current.error
      const connection = { remotePeer: current.peer, status: 'open' } as unknown as Connection
      connections = [...connections, connection]
      events.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
      return connection
    },
  } as unknown as Libp2p
  return {
    libp2p,
    dialled,
    name: (peer, address) => void named.set(peer, [{ multiaddr: multiaddr(address) }]),
    answer: (answer) => {
      current = answer
    },
    disconnect: (peer) => {
      connections = connections.filter(({ remotePeer }) => !remotePeer.equals(peer))
      events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
    },
  }
}
