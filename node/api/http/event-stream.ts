import type { NodeApi } from '../node-api.ts'
import { serverSentEvents } from './server-sent-events.ts'

/**
 * A node's events, each with its number as the id.
 *
 * @param since as in `EventsOptions`; undefined for events from now on
 */
export function createEventStream(
  api: NodeApi,
  since: number | undefined,
): ReadableStream<Uint8Array> {
  return serverSentEvents(
    'kadlab events',
    (signal) => api.events({ signal, ...(since === undefined ? {} : { since }) }),
    (event) => [`id: ${event.seq}`, `event: ${event.event}`, `data: ${JSON.stringify(event)}`],
  )
}
