import type { PeerId } from '@libp2p/interface'
import type { KadHandler, KadInternals } from '../patches/kad-internals.ts'
import type { Clock } from '../time/clock.ts'
import { createKadClient, type KadClient, type RpcReport } from './client.ts'
import { type Contact, Contacts } from './distance.ts'
import { lookUp, type Lookup, type LookupResult } from './lookup.ts'
import { type MessageType, type WireMessage, type WirePeer } from './message.ts'
import { peerInfoOf } from './peer-info.ts'
import { createPeerNews } from './peer-news.ts'
import { queryOver } from './query-over.ts'
import { createServer } from './serve.ts'
import { ToldPeers } from './told-peers.ts'
import { PeerPlaces } from './whereabouts.ts'

export interface WireComponents {
  kad: KadInternals
  clock: Clock
  /** A message of others was refused, a peer that sends nothing else, or a crowd around a key. */
  onRefused?: (what: 'message' | 'peer' | 'lookup-place') => void
}

export interface KadWireOptions {
  /** Time for one question in milliseconds, the dial included. */
  requestTimeoutMs: number
}

/** Kademlia over libp2p: kad-dht's routing table and messages, with questions and answers of our own. */
export interface KadWire {
  readonly client: KadClient
  readonly kad: KadInternals
  /** Kademlia's k. */
  readonly count: number
  /** Contacts in the routing table. */
  readonly listed: number
  lookUp(lookup: Lookup): Promise<LookupResult>
  /** What this node answers a kind of message with. */
  answer(type: MessageType, handler: WireHandler): void
  /** The listed contacts closest to a place, closest first; nobody is asked. */
  closestListed(place: Uint8Array, count: number): Contact[]
  /** The peers closest to a key, as an asker is told. */
  closestTo(key: Uint8Array, asker: PeerId): Promise<WirePeer[]>
  /** Tells of every message, in both directions. Outbound it is the dial, the stream and the answer. */
  onRpc(listener: (report: RpcReport) => void): void
  stop(): void
}

/** Makes the answer to a message; none where it has none. Rejects with what it refuses. */
export type WireHandler = (from: PeerId, message: WireMessage) => Promise<WireMessage | undefined>

/**
 * Takes the wire over from a kad-dht, once, for its whole life, before it starts. Its own queries go the same way.
 */
export function takeWire(
  { kad, clock, onRefused = () => {} }: WireComponents,
  options: KadWireOptions,
): KadWire {
  const { components, routingTable, rpc } = kad
  const { peerId, connectionManager, peerStore } = components
  const contacts = new Contacts()
  const own = contacts.of(peerId)
  const listeners: ((report: RpcReport) => void)[] = []
  const report = (each: RpcReport): void => {
    for (const listener of listeners) listener(each)
  }
  const news = createPeerNews({ kad, contacts })
  const places = new PeerPlaces(({ peerId: peer }) => connectionManager.getConnections(peer))
  const whereIs = places.of.bind(places)
  const told = new ToldPeers({
    peerId,
    contacts,
    whereIs,
    listed: () => routingTable.kb?.toIterable() ?? [],
    stored: (peer) => peerStore.getInfo(peer),
    mapper: kad.peerInfoMapper,
  })
  components.events.addEventListener('peer:update', ({ detail }) => told.changed(detail.peer.id))

  const client = createKadClient(
    {
      openStream: connectionManager.openStream.bind(connectionManager),
      clock,
      onAnswer: (_from, { closer, providers }) => {
        for (const peer of [...closer, ...providers]) news.tell(peer)
      },
      onRpc: report,
      // Whoever is listed was connected. While it is not, it is dialled at each of its addresses, which may take long.
      isAway: (name) =>
        news.isListed(name) &&
        connectionManager.getConnections(contacts.named(name).peerId).length === 0,
    },
    { protocol: kad.protocol, ...options },
  )
  queryOver(kad, client, contacts)

  const server = createServer({
    clock,
    onRefused,
    answer: async (from, message) => {
      client.pace.heard(contacts.of(from).name)
      const since = clock.now()
      let ok = false
      try {
        const answer = await handlerOf(rpc.handlers, message.type).handle(from, message)
        ok = true
        return answer as WireMessage | undefined
      } finally {
        report({ direction: 'inbound', type: message.type, ok, durationMs: clock.now() - since })
      }
    },
  })
  rpc.onIncomingStream = async (stream, connection) => server.serve(stream, connection)

  /** Contacts that an answer names, where they are listed or can be dialled. */
  const contactsIn = async ({ closer }: WireMessage): Promise<Contact[]> => {
    const found: Contact[] = []
    for (const peer of closer) {
      const contact = contactOf(contacts, peer)
      if (contact === null || contact.name === own.name) continue
      if (news.isListed(contact.name) || (await canDial(peer, contact))) found.push(contact)
    }
    return found
  }
  const canDial = async ({ id, multiaddrs }: WirePeer, contact: Contact): Promise<boolean> => {
    const named = peerInfoOf({ id, multiaddrs })
    if (named === null) return false
    // An address that does not count here is not dialled either.
    const info = kad.peerInfoMapper(named)
    if (info.multiaddrs.length === 0) return false
    if (!(await connectionManager.isDialable(info.multiaddrs))) return false
    places.said(contact, info.multiaddrs)
    await peerStore.merge(contact.peerId, { multiaddrs: info.multiaddrs })
    return true
  }
  const closestTo = (key: Uint8Array, asker: PeerId): Promise<WirePeer[]> =>
    told.closestTo(key, asker, routingTable.kBucketSize)
  const lookupComponents = {
    client,
    clock,
    closestListed: (place: Uint8Array, count: number) => told.closestListed(place, count),
    contactsIn,
    whereIs,
    onCrowd: () => onRefused('lookup-place'),
  }

  return {
    client,
    kad,
    get count() {
      return routingTable.kBucketSize
    },
    get listed() {
      return routingTable.size
    },
    lookUp: (lookup) => lookUp(lookupComponents, lookup),
    answer(type, handler) {
      rpc.handlers[type] = { handle: (from, message) => handler(from, message as WireMessage) }
    },
    closestListed: lookupComponents.closestListed,
    closestTo,
    onRpc: (listener) => void listeners.push(listener),
    stop() {
      client.stop()
      server.stop()
    },
  }
}

function contactOf(contacts: Contacts, { id }: WirePeer): Contact | null {
  try {
    return contacts.ofBytes(id)
  } catch {
    return null
  }
}

function handlerOf(handlers: Record<string, KadHandler>, type: MessageType): KadHandler {
  const handler = handlers[type]
  if (handler === undefined) throw new Error(`nothing answers ${type}`)
  return handler
}
