import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PagePackets } from '#orchestrator/report/page-packets.ts'
import { pageHtml } from '#orchestrator/report/page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import type { RunPacket } from '#orchestrator/run/run.ts'
import { LivePageError } from './errors.ts'
import { EventFeed } from './event-feed.ts'

/** A run's page while it runs. */
export interface LivePage extends AsyncDisposable {
  /** Where a browser of this machine finds it. */
  readonly url: string
  onEvent(event: RunEvent): void
  /** A packet for the page of its pair. */
  onPacket(packet: RunPacket): void
}

const STREAM = '/events'
/** Of logs: they leave room for events. */
const MOST_LOG_LINES = 50_000

/** Pages of other sites get nothing: neither framed, nor read, nor by a name that leads here. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Serves the page of a run on loopback, at a free port. It shows and changes nothing: GET alone is answered, to who names
 * this very address as the host.
 *
 * @throws LivePageError where no port of loopback can be had
 */
export async function serveLivePage(title: string): Promise<LivePage> {
  const html = pageHtml(await webClient(), { title, lines: null, stream: STREAM })
  const feed = new EventFeed()
  const packets = new PagePackets()
  let logLines = 0
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    answer(request, response, { port, html, feed })
  })
  server.listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new LivePageError('expected a free port of 127.0.0.1 for the live page', { cause: error })
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    onEvent(event) {
      // Router states are files of the report, and no part of a page.
      if (event.type === 'router-state') return
      if (event.type === 'node-log' && logLines++ >= MOST_LOG_LINES) return
      feed.push(JSON.stringify(event))
    },
    onPacket(packet) {
      const line = packets.next(packet)
      if (line !== null) feed.push(line)
    },
    async [Symbol.asyncDispose]() {
      feed.end()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      // A page that reads its last events is let, one that does not read is not waited for.
      const given = setTimeout(() => server.closeAllConnections(), 1000)
      server.closeIdleConnections()
      await closed
      clearTimeout(given)
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { port, html, feed }: { port: number; html: string; feed: EventFeed },
): void {
  const { host } = request.headers
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    refuse(
      response,
      403,
      `expected 127.0.0.1:${port} as the host: pages of other sites are not answered`,
    )
  } else if (request.method !== 'GET') {
    refuse(response, 405, 'expected GET: the page shows, and changes nothing')
  } else if (request.url === '/') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(html)
  } else if (request.url === STREAM) {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    // Told at once that it is there, for a page that is opened before the run says anything.
    response.flushHeaders()
    feed.stream(response, Number(request.headers['last-event-id'] ?? 0) || 0)
  } else {
    refuse(response, 404, `expected / or ${STREAM}`)
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
