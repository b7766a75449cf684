import { z } from 'zod'
import type { WatchOptions } from '../../store/outcomes.ts'
import type { NodeApi } from '../node-api.ts'
import { KeyChangeSchema } from '../schema.ts'

/**
 * What becomes of a key in the format of server-sent events (WHATWG HTML, 9.2): `put` with the version as its id, or
 * `delete`. Lets go of the node when the reader leaves.
 *
 * @param after the version that the reader has
 */
export function createWatchStream(
  api: NodeApi,
  key: string,
  { after }: Pick<WatchOptions, 'after'>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const left = new AbortController()
  const source = api.watch(key, {
    signal: left.signal,
    ...(after === undefined ? {} : { after }),
  })
  const changes = source[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // A comment, so that the reader gets the response's head before the first event.
        controller.enqueue(encoder.encode(': kadlab watch\n\n'))
      },
      async pull(controller) {
        const next = await changes.next()
        if (next.done === true) {
          controller.close()
          return
        }
        const { version, value } = next.value
        const id = version === null ? '' : `id: ${version}\n`
        const data = JSON.stringify(z.encode(KeyChangeSchema, next.value))
        const event = value === null ? 'delete' : 'put'
        controller.enqueue(encoder.encode(`${id}event: ${event}\ndata: ${data}\n\n`))
      },
      cancel() {
        left.abort()
      },
    },
    { highWaterMark: 0 },
  )
}
