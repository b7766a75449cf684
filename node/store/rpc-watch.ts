import type { PeerId } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'
import type { KadInternals, KadMessage } from '../patches/kad-internals.ts'

/** One Kademlia message and what became of it. */
export interface RpcReport {
  direction: 'inbound' | 'outbound'
  /** As in kad-dht: `FIND_NODE`, `GET_VALUE`, … */
  type: string
  ok: boolean
  durationMs: number
}

/**
 * Times every Kademlia message, in both directions. Outbound it is the dial, the stream and the answer; inbound the
 * making of the answer. Once for each kad-dht, for its whole life.
 *
 * @param now milliseconds
 */
export function watchRpc(
  kad: KadInternals,
  now: () => number,
  onRpc: (report: RpcReport) => void,
): void {
  const { network } = kad
  for (const method of ['sendRequest', 'sendMessage'] as const) {
    const send = network[method].bind(network)
    network[method] = (to, message, options) =>
      timed(
        send(to, message, options),
        (ok, durationMs) => {
          onRpc({ direction: 'outbound', type: message.type, ok, durationMs })
        },
        now,
      )
  }
  for (const [type, handler] of Object.entries(kad.rpc.handlers)) {
    kad.rpc.handlers[type] = {
      handle: async (from: PeerId, message: KadMessage) => {
        const since = now()
        let ok = false
        try {
          const answer = await handler.handle(from, message)
          ok = true
          return answer
        } finally {
          onRpc({ direction: 'inbound', type, ok, durationMs: now() - since })
        }
      },
    }
  }
}

/** Passes events on and reports how it ended: kad-dht tells a failure as an event. A reader that leaves is no end. */
async function* timed(
  events: AsyncGenerator<QueryEvent>,
  onEnd: (ok: boolean, durationMs: number) => void,
  now: () => number,
): AsyncGenerator<QueryEvent> {
  const since = now()
  for await (const event of events) {
    if (event.name === 'PEER_RESPONSE') onEnd(true, now() - since)
    if (event.name === 'QUERY_ERROR') onEnd(false, now() - since)
    yield event
  }
}
