import { z } from 'zod'
import type { WatchOptions } from '../../store/outcomes.ts'
import type { NodeApi } from '../node-api.ts'
import { KeyChangeSchema } from '../schema.ts'
import { serverSentEvents } from './server-sent-events.ts'

/**
 * What becomes of a key: `put` with the version as its id, or `delete`.
 *
 * @param after the version that the reader has
 */
export function createWatchStream(
  api: NodeApi,
  key: string,
  { after }: Pick<WatchOptions, 'after'>,
): ReadableStream<Uint8Array> {
  return serverSentEvents(
    'kadlab watch',
    (signal) => api.watch(key, { signal, ...(after === undefined ? {} : { after }) }),
    (change) => [
      ...(change.version === null ? [] : [`id: ${change.version}`]),
      `event: ${change.value === null ? 'delete' : 'put'}`,
      `data: ${JSON.stringify(z.encode(KeyChangeSchema, change))}`,
    ],
  )
}
