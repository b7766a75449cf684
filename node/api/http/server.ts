import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { describeError } from '../../base/errors.ts'
import { BadRequestError } from '../errors.ts'
import { API_LIMITS } from './limits.ts'
import {
  PROBLEM_MEDIA_TYPE,
  type Problem,
  problem,
  problemOf,
  problemResponse,
  refusedAtTheDoor,
  type RefusedAtTheDoor,
} from './problem.ts'

/** An application as web standards have it: what hono's `fetch` is. */
export type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>

/** What Node says of requests that it cannot read, as codes of problems; everything else is a `BadRequestError`. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'SlowRequestError',
  HPE_HEADER_OVERFLOW: 'HeadersTooLargeError',
}

/**
 * A server over an application, which answers with a problem too what never reaches the application.
 *
 * @param maxRequests that are under way at a time; more are refused before the application knows of them
 * @param onRefused told of each that the application never knows of
 */
export function createFaceServer(
  fetch: Fetch,
  maxRequests = API_LIMITS.requests,
  onRefused: (why: RefusedAtTheDoor) => void = () => {},
): Server {
  let running = 0
  const handle = getRequestListener(
    async (request, bindings) => fetch(request, bindings as HttpBindings),
    {
      overrideGlobalObjects: false,
      // Of what no request can be made of: a target or a host that is none.
      errorHandler: (error) => problemResponse(problemOf(unreadable(error))),
    },
  )
  // Without a host Node would answer by itself, with nothing.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    // Whether the process lives must be told most of all when it has much to do.
    if (running >= maxRequests && request.url !== '/healthz') {
      onRefused('BusyError')
      refuse(response, problem('BusyError', busy(maxRequests)), { 'retry-after': '1' })
      return
    }
    running += 1
    response.once('close', () => (running -= 1))
    void handle(request, response)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refused = refusedAtTheDoor(UNREADABLE[error.code ?? ''] ?? '')
    if (refused !== null) onRefused(refused)
    answerUnreadable(error, socket)
  })
  server.on('checkExpectation', refuseExpectation)
  return server
}

function unreadable(cause: unknown): BadRequestError {
  return new BadRequestError('expected an HTTP request with a target and a host', { cause })
}

function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code = UNREADABLE[error.code ?? ''] ?? 'BadRequestError'
  const told = problem(code, `expected an HTTP/1.1 request, saw another: ${describeError(error)}`)
  const body = JSON.stringify(told)
  const head = [
    `HTTP/1.1 ${told.status} ${told.title}`,
    'connection: close',
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function refuseExpectation({ headers }: IncomingMessage, response: ServerResponse): void {
  const told = problem(
    'BadRequestError',
    `expected no Expect header but 100-continue, saw ${JSON.stringify(headers.expect)}`,
    417,
  )
  refuse(response, told)
}

/** Answers what no application is to see, without reading what else may come on the connection. */
function refuse(response: ServerResponse, told: Problem, headers: OutgoingHttpHeaders = {}): void {
  const own = { 'content-type': PROBLEM_MEDIA_TYPE, connection: 'close' }
  response.writeHead(told.status, { ...own, ...headers })
  response.end(JSON.stringify(told))
}

function busy(maxRequests: number): string {
  return `expected at most ${maxRequests} requests under way (API_MAX_REQUESTS), saw one more: ask again later`
}
