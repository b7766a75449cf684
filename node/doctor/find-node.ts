import type { Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'

/** `FIND_NODE` of Kademlia's message types (libp2p specs, kad-dht, RPC messages). */
const FIND_NODE = 4
/** Fields of the message (dht.proto): `type`, `key`, `closerPeers`. */
const TYPE_FIELD = 1
const KEY_FIELD = 2
const CLOSER_PEERS_FIELD = 8
const VARINT = 0
const BYTES = 2
/** Larger answers are none of this question's: 20 peers with some addresses each take 4 KB. */
const MAX_ANSWER_BYTES = 1 << 20

/**
 * Asks a peer by Kademlia for the peers closest to `key`, and counts them. It proves that the peer serves Kademlia, which
 * a protocol's name in identify only claims. Who is named is not dialled.
 *
 * @param key at most 127 bytes; a peer id's multihash is one
 * @throws what libp2p throws where the peer refuses the protocol or does not answer
 */
export async function countCloserPeers(
  connection: Connection,
  protocol: string,
  key: Uint8Array,
  options: { signal: AbortSignal },
): Promise<number> {
  const stream = await connection.newStream(protocol, options)
  try {
    const messages = lpStream(stream, { maxDataLength: MAX_ANSWER_BYTES })
    const head = [tag(TYPE_FIELD, VARINT), FIND_NODE, tag(KEY_FIELD, BYTES), key.length]
    await messages.write(Uint8Array.from([...head, ...key]), options)
    const answer = await messages.read(options)
    return countField(answer.subarray(), CLOSER_PEERS_FIELD)
  } finally {
    await stream.close(options).catch(() => stream.abort(new Error('the answer was read')))
  }
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType
}

/** How often a field of the message stands in it. */
function countField(message: Uint8Array, field: number): number {
  let count = 0
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
    if (key >> 3 === field) count += 1
    if ((key & 7) === BYTES) {
      const length = varint()
      offset += length
    } else if ((key & 7) === VARINT) varint()
    else throw new RangeError(`the answer holds a field of wire type ${key & 7}`)
  }
  return count
}
