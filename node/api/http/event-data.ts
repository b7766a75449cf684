/**
 * The data of each event of a stream of server-sent events (WHATWG HTML, 9.2.6), as it comes. Comments and fields other
 * than `data` are passed over; an event that the end cuts off is dropped, as the standard has it.
 *
 * @param body UTF-8, cut anywhere
 */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  let data: string[] = []
  for await (const chunk of body) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split(/\r\n|\n/)
    held = lines.pop() ?? ''
    for (const line of lines) {
      const [, value] = /^data: ?(.*)$/.exec(line) ?? []
      if (value !== undefined) data.push(value)
      if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      }
    }
  }
}
