import { once } from 'node:events'
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as open,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream/promises'

export interface ForwardTarget {
  socketPath: string
  /** With the query. */
  path: string
}

/** Headers of one connection, which say nothing on the next; `connection` names more (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Hands a request on and its answer back, as both come in: an event stream flows, and a client that leaves ends the call.
 *
 * @throws where nobody answers, or the answer breaks off.
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { socketPath, path }: ForwardTarget,
): Promise<void> {
  const { 'transfer-encoding': encoding } = request.headers
  // Without it, node:http frames no body of a GET or a DELETE.
  const framing = encoding === undefined ? {} : { 'transfer-encoding': 'chunked' }
  const onward = open({
    socketPath,
    path,
    method: request.method,
    headers: { ...endToEnd(request.headers), ...framing, host: 'localhost' },
    // Each its own: a socket whose node was restarted meanwhile is of no use.
    agent: false,
  })
  response.once('close', () => onward.destroy())
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>
  // A node that answers before it has read everything, or never, is told of by its answer.
  pipeline(request, onward).catch(() => {})
  const [answer] = await answered
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
  response.flushHeaders()
  await pipeline(answer, response)
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = HOP_BY_HOP.union(new Set(named))
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}
