import type { Connection } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { decode } from 'multiformats/hashes/digest'

/** `FIND_NODE` of Kademlia's message types (libp2p specs, kad-dht, RPC messages). */
const FIND_NODE = 4
/** Fields of the message (dht.proto): `type`, `key`, `closerPeers`. */
const TYPE_FIELD = 1
const KEY_FIELD = 2
const CLOSER_PEERS_FIELD = 8
/** Field of a peer in it: its id, as a multihash. */
const PEER_ID_FIELD = 1
const VARINT = 0
const BYTES = 2
/** Larger answers are none of this question's: 20 peers with some addresses each take 4 KB. */
const MAX_ANSWER_BYTES = 1 << 20

/**
 * Asks a peer by Kademlia for the peers closest to `key`, which are out of its routing table. That it answers proves that
 * it serves Kademlia, which a protocol's name in identify only claims. Who is named is not dialled.
 *
 * @param key at most 127 bytes; a peer id's multihash is one
 * @returns peer ids; those that the peer lists at addresses which it tells to others
 * @throws what libp2p throws where the peer refuses the protocol or does not answer
 */
export async function closerPeers(
  connection: Connection,
  protocol: string,
  key: Uint8Array,
  options: { signal: AbortSignal },
): Promise<string[]> {
  const stream = await connection.newStream(protocol, options)
  try {
    const messages = lpStream(stream, { maxDataLength: MAX_ANSWER_BYTES })
    const head = [tag(TYPE_FIELD, VARINT), FIND_NODE, tag(KEY_FIELD, BYTES), key.length]
    await messages.write(Uint8Array.from([...head, ...key]), options)
    const answer = await messages.read(options)
    return bytesFields(answer.subarray(), CLOSER_PEERS_FIELD)
      .flatMap((peer) => bytesFields(peer, PEER_ID_FIELD).slice(0, 1))
      .map((id) => peerIdFromMultihash(decode(id)).toString())
  } finally {
    await stream.close(options).catch(() => stream.abort(new Error('the answer was read')))
  }
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType
}

/** The values of a field of bytes, as often as it stands in the message. */
function bytesFields(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = []
  let offset = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; offset < message.length; shift += 7) {
      const byte = message[offset++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('the answer ends in the middle of a field')
  }
  while (offset < message.length) {
    const key = varint()
    if ((key & 7) === BYTES) {
      const length = varint()
      if (key >> 3 === field) found.push(message.subarray(offset, offset + length))
      offset += length
    } else if ((key & 7) === VARINT) varint()
    else throw new RangeError(`the answer holds a field of wire type ${key & 7}`)
  }
  return found
}
