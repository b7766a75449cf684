import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { AbortOptions } from '../../base/abort-options.ts'
import { describeError } from '../../base/errors.ts'
import type { ApiAddress } from '../../config/values.ts'
import { DisconnectedError, fromWireError } from '../errors.ts'
import { HttpErrorSchema } from '../http-error.ts'

export interface HttpAnswer {
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface HttpQuestion extends AbortOptions {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** With the leading slash, percent-encoded. */
  path: string
  body?: Uint8Array
}

/**
 * Asks a node's HTTP face, on a unix socket too, which `fetch` cannot.
 *
 * @throws DisconnectedError where nobody answers.
 * @throws the error that the node told of, by its name.
 */
export async function askNode(address: ApiAddress, question: HttpQuestion): Promise<HttpAnswer> {
  const { method, path, body, signal } = question
  const asked = request({
    ...('path' in address
      ? { socketPath: address.path }
      : { ...address, host: reachable(address.host) }),
    method,
    path,
    ...(signal === undefined ? {} : { signal }),
  })
  let answer: { status: number } & HttpAnswer
  try {
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const { statusCode = 0, headers } = response
    answer = { status: statusCode, headers, body: await buffer(response) }
  } catch (cause) {
    signal?.throwIfAborted()
    const shown = 'path' in address ? address.path : `${address.host}:${address.port}`
    throw new DisconnectedError(`no node answers at ${shown}: ${describeError(cause)}`, { cause })
  }
  if (answer.status < 300) return answer
  throw fromWireError(errorIn(answer.status, answer.body))
}

/** A node that listens everywhere listens on loopback. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}

function errorIn(status: number, body: Buffer): { name: string; message: string } {
  try {
    return HttpErrorSchema.parse(JSON.parse(body.toString())).error
  } catch {
    return { name: 'HttpError', message: `HTTP status ${status}` }
  }
}
