import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { PagePackets } from '#orchestrator/report/page-packets.ts'
import { pageHtml } from '#orchestrator/report/page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import type { RunPacket } from '#orchestrator/run/run.ts'
import { EventFeed } from './event-feed.ts'
import { closeServer, listenOnLoopback, loopbackHosts } from './loopback.ts'

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
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Serves the page of a run on loopback, at a free port. It shows and changes nothing: GET alone is answered, to who names
 * this very address as the host.
 *
 * @param framedBy - origins whose pages may show it in a frame. Default none.
 * @throws LivePageError where no port of loopback can be had
 */
export async function serveLivePage(
  title: string,
  { framedBy = [] }: { framedBy?: readonly string[] } = {},
): Promise<LivePage> {
  const html = pageHtml(await webClient(), { title, lines: null, stream: STREAM })
  const ancestors = framedBy.length === 0 ? "'none'" : framedBy.join(' ')
  const headers = { ...HEADERS, 'content-security-policy': `frame-ancestors ${ancestors}` }
  const feed = new EventFeed()
  const packets = new PagePackets()
  let logLines = 0
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    answer(request, response, { port, html, feed, headers })
  })
  const port = await listenOnLoopback(server)
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
      await closeServer(server)
    },
  }
}

interface Served {
  port: number
  html: string
  feed: EventFeed
  headers: OutgoingHttpHeaders
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { port, html, feed, headers }: Served,
): void {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${text}\n`)
  }
  if (!loopbackHosts(port).includes(request.headers.host ?? '')) {
    refuse(403, `expected 127.0.0.1:${port} as the host: pages of other sites are not answered`)
  } else if (request.method !== 'GET') {
    refuse(405, 'expected GET: the page shows, and changes nothing')
  } else if (request.url === '/') {
    response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(html)
  } else if (request.url === STREAM) {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' })
    // Told at once that it is there, for a page that is opened before the run says anything.
    response.flushHeaders()
    feed.stream(response, Number(request.headers['last-event-id'] ?? 0) || 0)
  } else {
    refuse(404, `expected / or ${STREAM}`)
  }
}
