import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { MetricsSource } from '../api/http/app.ts'
import { type HttpFace, openFace } from '../api/http/listen.ts'
import { describeError } from '../base/errors.ts'
import type { ApiAddress } from '../config/values.ts'
import { systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { discoveryPage } from './discovery-page.ts'
import { forward } from './forward.ts'
import { glances, nodeNames, socketOf } from './glance.ts'
import { isOwnPage } from './host-header.ts'
import { indexPage } from './index-page.ts'

export interface GatewayOptions {
  listen: ApiAddress
  /** Folder with a folder for each node, named after it, that holds the socket `api.sock` of its API. */
  nodes: string
  /** Names by peer id, for nodes that do not say themselves who they are. */
  peerNames: ReadonlyMap<string, string>
  /** Of this process, not of any node. */
  metrics: MetricsSource
}

/** What a node may be called: one part of a path, never one that leads elsewhere. */
const NODE_PATH = /^\/nodes\/([A-Za-z0-9][A-Za-z0-9_-]*)(\/.*)$/

/** Time for a node to say how it sees others, with a dial of each. */
const DISCOVERY_WITHIN_MS = 20_000

/**
 * Serves the APIs of several nodes, each on a unix socket, at one address: `/nodes/<name>/v1/…`,
 * `/nodes/<name>/metrics`, `/discovery` (who sees whom, as text), its own `/metrics`, and an index. It has no part in the
 * peers' network, so that no node needs a second one.
 *
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveGateway(options: GatewayOptions): Promise<HttpFace> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendError(response, 500, 'Error', describeError(error))
    })
  })
  return openFace(server, options.listen)
}

async function answer(
  { nodes: folder, peerNames, metrics }: Omit<GatewayOptions, 'listen'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '/'
  if (!isOwnPage(request.headers)) {
    return sendError(response, 403, 'ForbiddenError', 'pages of other sites are not answered')
  }
  const [path] = url.split('?', 1)
  if (path === '/healthz') return send(response, 200, 'text/plain', 'ok')
  if (path === '/metrics') {
    return send(response, 200, metrics.contentType, await metrics.metrics())
  }
  if (path === '/') {
    return send(response, 200, 'text/html; charset=utf-8', indexPage(await glances(folder)))
  }
  if (path === '/discovery') {
    const ids = new Map([...peerNames].map(([peerId, name]) => [name, peerId]))
    const nodes = (await glances(folder)).map(({ name, status }) => ({
      name,
      api: { path: socketOf(folder, name) },
      peerId: status?.peerId ?? ids.get(name) ?? null,
    }))
    const dialBack = new URL(url, 'http://gateway').searchParams.get('dialBack') === 'true'
    const text = await within(systemClock, DISCOVERY_WITHIN_MS, undefined, async (signal) =>
      discoveryPage(nodes, { dialBack, signal }),
    )
    return send(response, 200, 'text/plain; charset=utf-8', text)
  }
  if (path === '/nodes') return sendJson(response, 200, await glances(folder))
  const [, name = '', rest = ''] = NODE_PATH.exec(url) ?? []
  const names = await nodeNames(folder)
  if (!names.includes(name)) {
    const message = `expected /, /discovery, /metrics, /nodes, or /nodes/<name>/… of one of ${names.join(', ')}; saw ${path}`
    return sendError(response, 404, 'NotFoundError', message)
  }
  try {
    await forward(request, response, { socketPath: socketOf(folder, name), path: rest })
  } catch (error) {
    if (response.headersSent) response.destroy()
    else {
      const message = `node ${name} does not answer: ${describeError(error)}`
      sendError(response, 502, 'DisconnectedError', message)
    }
  }
}

function sendError(response: ServerResponse, status: number, name: string, message: string): void {
  sendJson(response, status, { error: { name, message } })
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
  response.end(text)
}
