/** The data of server-sent events, in order, until the stream ends. */
export async function* eventStream(response: Response): AsyncGenerator<string> {
  if (!response.ok || response.body === null) {
    throw new TypeError(`expected a stream, saw ${response.status}`)
  }
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
      if (data.length > 0) yield data.join('\n')
    }
  }
}
