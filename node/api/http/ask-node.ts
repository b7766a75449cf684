import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { AbortOptions } from '../../base/abort-options.ts'
import { describeError } from '../../base/errors.ts'
import { type ApiAddress, shownAddress } from '../../config/values.ts'
import { DisconnectedError, fromWireError, type WireError } from '../errors.ts'
import { ProblemSchema } from './problem.ts'
import { asBearer } from './token.ts'

/** Where a node's HTTP face listens, and what is shown to it. */
export interface NodeAddress {
  listen: ApiAddress
  /** Null where it asks for none. */
  token: string | null
}

export interface HttpAnswer {
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface HttpQuestion extends AbortOptions {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** With the leading slash, percent-encoded. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
}

/**
 * Asks a node's HTTP face, on a unix socket too, which `fetch` cannot.
 *
 * @throws DisconnectedError where nobody answers.
 * @throws the error that the node reports, by its name.
 */
export async function askNode(address: NodeAddress, question: HttpQuestion): Promise<HttpAnswer> {
  const response = await openAnswer(address, question)
  try {
    return { headers: response.headers, body: await buffer(response) }
  } catch (cause) {
    throw noAnswer(address, question, cause)
  }
}

/**
 * As `askNode`, with the body as it comes.
 *
 * @throws as `askNode`
 */
export async function openAnswer(
  address: NodeAddress,
  question: HttpQuestion,
): Promise<IncomingMessage> {
  const { listen, token } = address
  const { method, path, headers = {}, body, signal } = question
  const asked = request({
    ...('path' in listen
      ? { socketPath: listen.path }
      : { ...listen, host: reachable(listen.host) }),
    method,
    path,
    headers: { ...asBearer(token), ...headers },
    ...(signal === undefined ? {} : { signal }),
  })
  let failure: WireError
  try {
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const { statusCode = 0 } = response
    if (statusCode < 300) return response
    failure = errorIn(statusCode, await buffer(response))
  } catch (cause) {
    throw noAnswer(address, question, cause)
  }
  throw fromWireError(failure)
}

function noAnswer({ listen }: NodeAddress, { signal }: HttpQuestion, cause: unknown): Error {
  signal?.throwIfAborted()
  const shown = shownAddress(listen)
  return new DisconnectedError(`no node answers at ${shown}: ${describeError(cause)}`, { cause })
}

/** A node that listens everywhere listens on loopback. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}

/** What an answer says that is not a success; where no node gave it (a proxy between, say), its status is all. */
function errorIn(status: number, body: Buffer): WireError {
  try {
    const { code, detail } = ProblemSchema.parse(JSON.parse(body.toString()))
    return { name: code, message: detail }
  } catch {
    return { name: 'HttpError', message: `HTTP status ${status}` }
  }
}
