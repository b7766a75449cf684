/**
 * What a node tells as it happens, in the format of server-sent events (WHATWG HTML, 9.2). It reads on only as its reader does,
 * and lets go of the node when the reader leaves.
 *
 * @param name a comment at the beginning, so that the reader gets the response's head before the first event
 * @param open begins to listen, until the signal
 * @param lines `id:`, `event:` and `data:` of one event, without a break at the end
 */
export function serverSentEvents<Item>(
  name: string,
  open: (signal: AbortSignal) => AsyncIterable<Item>,
  lines: (item: Item) => readonly string[],
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const left = new AbortController()
  const items = open(left.signal)[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(`: ${name}\n\n`))
      },
      async pull(controller) {
        const next = await items.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encoder.encode(`${lines(next.value).join('\n')}\n\n`))
      },
      cancel() {
        left.abort()
      },
    },
    { highWaterMark: 0 },
  )
}
