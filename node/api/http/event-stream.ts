import type { NodeApi } from '../node-api.ts'

/**
 * A node's events in the format of server-sent events (WHATWG HTML, 9.2). It reads on only as its reader does, and
 * lets go of the node when the reader leaves.
 *
 * @param since as in `EventsOptions`; undefined for events from now on
 */
export function createEventStream(
  api: NodeApi,
  since: number | undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const left = new AbortController()
  const source = api.events({
    signal: left.signal,
    ...(since === undefined ? {} : { since }),
  })
  const events = source[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // A comment, so that the reader gets the response's head before the first event.
        controller.enqueue(encoder.encode(': kadlab events\n\n'))
      },
      async pull(controller) {
        const next = await events.next()
        if (next.done === true) {
          controller.close()
          return
        }
        const { seq, event } = next.value
        const data = JSON.stringify(next.value)
        controller.enqueue(encoder.encode(`id: ${seq}\nevent: ${event}\ndata: ${data}\n\n`))
      },
      cancel() {
        left.abort()
      },
    },
    { highWaterMark: 0 },
  )
}
