import { once } from 'node:events'
import { type ClientRequest, request, type RequestOptions } from 'node:http'
import { API_PORT } from './namespace.ts'

const CHUNK = Buffer.alloc(60_000, 'x')

/** Bodies that say no length and never end, and dials of 50 MB, each sent anew once it is refused. */
export async function sendEndlessBodies(signal: AbortSignal): Promise<void> {
  await many(100, signal, async (index) => {
    const isDial = index % 2 === 0
    const sent = isDial
      ? open({ method: 'POST', path: '/v1/dial', headers: { 'content-length': 50_000_000 } })
      : open({ method: 'PUT', path: `/v1/keys/body-${index}` })
    const over = new AbortController()
    for (const event of ['response', 'close']) sent.once(event, () => over.abort())
    const goesOn = AbortSignal.any([signal, over.signal])
    while (!goesOn.aborted) {
      if (!sent.write(CHUNK)) await once(sent, 'drain', { signal: goesOn }).catch(() => {})
    }
    sent.destroy()
  })
}

/** Streams of events that are never read to an end. */
export async function openEventStreams(signal: AbortSignal): Promise<void> {
  await many(500, signal, async () => {
    const sent = open({ path: '/v1/events' }).end()
    const [answer] = await once(sent, 'response')
    answer.resume()
    if (answer.statusCode === 200) await once(answer, 'close', { signal })
  })
}

/** What a page of another site can send to a name that it has lead here, and to this machine. */
export async function askAsForeignPage(signal: AbortSignal): Promise<void> {
  await many(32, signal, async (index) => {
    const headers: Record<string, string> =
      index % 2 === 0
        ? { host: 'rebound.example:8080' }
        : { origin: 'http://evil.example', 'content-type': 'text/plain' }
    const paths = ['/v1/status', '/v1/keys/foreign', '/metrics']
    const path = paths[index % paths.length] ?? ''
    const sent = open({ method: index % 4 < 2 ? 'GET' : 'PUT', path, headers }).end('x')
    const [answer] = await once(sent, 'response')
    answer.resume()
    await once(answer, 'close')
  })
}

function open(options: RequestOptions): ClientRequest {
  return request({ host: '127.0.0.1', port: API_PORT, agent: false, ...options }).on(
    'error',
    () => {},
  )
}

/** Does something so many times side by side, and each anew as soon as it has ended. */
async function many(
  count: number,
  signal: AbortSignal,
  run: (index: number) => Promise<void>,
): Promise<void> {
  const again = async (index: number): Promise<void> => {
    while (!signal.aborted) {
      await run(index).catch(() => {})
      // An attacker that is turned away at once still has to wait for its machine.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await Promise.all(Array.from({ length: count }, async (_, index) => again(index)))
}
