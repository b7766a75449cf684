import { bytesField, numberField, ProtobufError, readFields, varintBytes } from './protobuf.ts'

/** Kinds of Kademlia messages by their number on the wire (libp2p's specification, `kad-dht/README.md`). */
export const MESSAGE_TYPES = [
  'PUT_VALUE',
  'GET_VALUE',
  'ADD_PROVIDER',
  'GET_PROVIDERS',
  'FIND_NODE',
  'PING',
] as const

export type MessageType = (typeof MESSAGE_TYPES)[number]

/** A peer as a message names it: bytes as they came, so that nothing is parsed that nobody reads. */
export interface WirePeer {
  id: Uint8Array
  multiaddrs: Uint8Array[]
}

/** A Kademlia message: the fields that kad-dht's own handlers take and give. */
export interface WireMessage {
  type: MessageType
  key?: Uint8Array
  /** A `WireRecord`, encoded. */
  record?: Uint8Array
  clusterLevel?: number
  closer: WirePeer[]
  providers: WirePeer[]
}

/** A record as it is sent and kept: libp2p's `record.proto`. Other implementations add fields, which are passed over. */
export interface WireRecord {
  key: Uint8Array
  value: Uint8Array
}

/** Peers and addresses of a peer that are read of one message; there is no use for more. */
const MAX_PEERS = 128
const MAX_ADDRESSES = 32

/** Where the bytes that a peer is known by on the wire are used as a name. */
export function nameOfBytes(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1')
}

/**
 * @throws ProtobufError where the bytes are no Kademlia message.
 */
export function decodeMessage(bytes: Uint8Array): WireMessage {
  const message: WireMessage = { type: 'PUT_VALUE', closer: [], providers: [] }
  readFields(bytes, (number, value) => {
    if (typeof value === 'number') {
      if (number === 1) message.type = typeOf(value)
      else if (number === 10) message.clusterLevel = value
    } else if (number === 2) message.key = value
    else if (number === 3) message.record = value
    else if (number === 8) addPeer(message.closer, value)
    else if (number === 9) addPeer(message.providers, value)
  })
  return message
}

/** A message with its length before it, as it goes onto a stream. */
export function encodeFrame(
  message: Omit<WireMessage, 'closer' | 'providers'> & Peers,
): Uint8Array {
  const { type, key, record, clusterLevel = 0, closer = [], providers = [] } = message
  const parts = [
    ...numberField(1, MESSAGE_TYPES.indexOf(type)),
    ...(key === undefined ? [] : bytesField(2, key)),
    ...(record === undefined ? [] : bytesField(3, record)),
    ...closer.flatMap((peer) => bytesField(8, encodePeer(peer))),
    ...providers.flatMap((peer) => bytesField(9, encodePeer(peer))),
    ...numberField(10, clusterLevel),
  ]
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  return Buffer.concat([varintBytes(length), ...parts])
}

interface Peers {
  closer?: readonly WirePeer[]
  providers?: readonly WirePeer[]
}

/**
 * @throws ProtobufError where the bytes are no record.
 */
export function decodeRecord(bytes: Uint8Array): WireRecord {
  let key: Uint8Array | null = null
  let value: Uint8Array = new Uint8Array(0)
  readFields(bytes, (number, field) => {
    if (typeof field === 'number') return
    if (number === 1) key = field
    else if (number === 2) value = field
  })
  if (key === null) throw new ProtobufError('a record without a key')
  return { key, value }
}

/**
 * When a stored record was received, in milliseconds since the epoch. One that does not say counts as just received: an
 * older kadlab wrote its own so.
 */
export function readReceived(stored: Uint8Array): number {
  let received = Number.NaN
  readFields(stored, (number, field) => {
    if (number === 5 && typeof field !== 'number')
      received = Date.parse(Buffer.from(field).toString())
  })
  return Number.isNaN(received) ? Infinity : received
}

/** @param received when it was received, RFC 3339, where that is to be said */
export function encodeRecord({ key, value }: WireRecord, received?: string): Uint8Array {
  return Buffer.concat([
    ...bytesField(1, key),
    ...bytesField(2, value),
    ...(received === undefined ? [] : bytesField(5, Buffer.from(received))),
  ])
}

function encodePeer({ id, multiaddrs }: WirePeer): Uint8Array {
  return Buffer.concat([
    ...bytesField(1, id),
    ...multiaddrs.flatMap((address) => bytesField(2, address)),
  ])
}

function addPeer(peers: WirePeer[], bytes: Uint8Array): void {
  if (peers.length >= MAX_PEERS) return
  const peer: WirePeer = { id: new Uint8Array(0), multiaddrs: [] }
  readFields(bytes, (number, value) => {
    if (typeof value === 'number') return
    if (number === 1) peer.id = value
    else if (number === 2 && peer.multiaddrs.length < MAX_ADDRESSES) peer.multiaddrs.push(value)
  })
  peers.push(peer)
}

function typeOf(number: number): MessageType {
  const type = MESSAGE_TYPES[number]
  if (type === undefined) throw new ProtobufError(`no message has the type ${number}`)
  return type
}
