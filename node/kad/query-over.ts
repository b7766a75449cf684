import type { PeerId, PeerInfo } from '@libp2p/interface'
import type {
  KadEvent,
  KadInternals,
  KadMessage,
  KadRequestOptions,
} from '../patches/kad-internals.ts'
import type { KadClient, Question } from './client.ts'
import type { Contacts } from './distance.ts'
import { decodeRecord, encodeFrame, type WireMessage, type WirePeer } from './message.ts'
import { peerInfoOf } from './peer-info.ts'

/**
 * Sends the messages of kad-dht's own queries (refresh, its neighbours, providers) by our client. They tell of it in
 * kad-dht's events.
 */
export function queryOver(kad: KadInternals, client: KadClient, contacts: Contacts): void {
  const { network } = kad
  network.sendRequest = (to, message, options) =>
    asEvents(to, options, async () => {
      const answer = await client.ask(contacts.of(to), questionOf(message))
      const parts = partsOf(answer)
      // A query goes on to whom an answer names: to no address that does not count here.
      const closer = parts.closer.map(kad.peerInfoMapper)
      return { messageType: answer.type, ...parts, closer }
    })
  network.sendMessage = (to, message, options) =>
    asEvents(to, options, async () => {
      const question = questionOf(message)
      await client.tell(contacts.of(to), question)
      return { messageType: question.type, closer: [], providers: [] }
    })
}

function questionOf(message: KadMessage): Question {
  const { type } = message as WireMessage
  return { type, frame: encodeFrame(message as WireMessage) }
}

function partsOf({ closer, providers, record }: WireMessage) {
  return {
    closer: infosOf(closer),
    providers: infosOf(providers),
    ...(record === undefined
      ? {}
      : { record: { ...decodeRecord(record), timeReceived: new Date(0) } }),
  }
}

function infosOf(peers: readonly WirePeer[]): PeerInfo[] {
  return peers.map(peerInfoOf).filter((each) => each !== null)
}

/** The events of one message (kad-dht/src/query/events.ts). A reader whose signal aborts is not kept waiting. */
async function* asEvents(
  to: PeerId,
  { signal, path }: KadRequestOptions,
  run: () => Promise<object & { messageType: string }>,
): AsyncGenerator<KadEvent> {
  const given = Promise.withResolvers<never>()
  given.promise.catch(() => {})
  const giveUp = (): void => given.reject(signal?.reason as Error)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    signal?.throwIfAborted()
    const answer = await Promise.race([run(), given.promise])
    const event = { name: 'PEER_RESPONSE', type: 1, from: to, path, ...answer }
    yield { ...event, messageName: answer.messageType }
  } catch (error) {
    yield { name: 'QUERY_ERROR', type: 3, from: to, path, error }
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}
