import type { Connection } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { decode } from 'multiformats/hashes/digest'
import { KadlabError } from '../base/errors.ts'
import { decodeMessage, encodeFrame, type WirePeer } from '../kad/message.ts'

/** Larger answers are none of this question's: 20 peers with some addresses each take 4 KB. */
const MAX_ANSWER_BYTES = 1 << 20

/** What came is no answer to the question. */
export class NoAnswerError extends KadlabError {
  static override readonly name = 'NoAnswerError'
}

/**
 * Asks a peer by Kademlia for the peers closest to `key`, which are out of its routing table. That it answers proves that
 * it serves Kademlia, which a protocol's name in identify only claims. Who is named is not dialled.
 *
 * @param key a peer id's multihash, say
 * @returns peer ids, each once; those that the peer lists at addresses which it tells to others
 * @throws NoAnswerError where what comes is no answer to `FIND_NODE`, and what libp2p throws where the peer refuses the
 * protocol or does not answer
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
    stream.send(encodeFrame({ type: 'FIND_NODE', key }))
    return namedIn((await messages.read(options)).subarray())
  } finally {
    await stream.close(options).catch(() => stream.abort(new Error('the answer was read')))
  }
}

/** A peer whose id cannot be read is one less, not a fault of the answer. */
function namedIn(answer: Uint8Array): string[] {
  let message: ReturnType<typeof decodeMessage>
  try {
    message = decodeMessage(answer)
  } catch (cause) {
    throw new NoAnswerError('expected an answer to FIND_NODE, saw no Kademlia message', { cause })
  }
  if (message.type !== 'FIND_NODE') {
    const seen = answer.length === 0 ? 'an empty message' : `one of ${message.type}`
    throw new NoAnswerError(`expected an answer to FIND_NODE, saw ${seen}`)
  }
  return [...new Set(message.closer.flatMap(idOf))]
}

function idOf({ id }: WirePeer): string[] {
  try {
    return [peerIdFromMultihash(decode(id)).toString()]
  } catch {
    return []
  }
}
