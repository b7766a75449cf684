import type { HonoRequest, MiddlewareHandler } from 'hono'
import type { NodeConfig } from '../../config/config.ts'
import { ITEM_LIMITS, type ItemLimits } from '../../config/item-limits.ts'
import { itemLimits, valueTooLarge } from '../../store/items.ts'
import { BodyTooLargeError } from '../errors.ts'

/** What callers of the HTTP face may cost. */
export interface ApiLimits {
  items: ItemLimits
  /** Of any request. */
  bodyBytes: number
  /** Under way at a time. */
  requests: number
}

export const API_LIMITS: ApiLimits = {
  items: ITEM_LIMITS,
  bodyBytes: ITEM_LIMITS.valueBytes,
  requests: 256,
}

type LimitsConfig = Pick<
  NodeConfig,
  'maxKeyBytes' | 'maxValueBytes' | 'apiMaxBodyBytes' | 'apiMaxRequests'
>

/** Those that the settings of a node ask for. */
export function apiLimits(config: LimitsConfig): ApiLimits {
  return {
    items: itemLimits(config),
    bodyBytes: config.apiMaxBodyBytes,
    requests: config.apiMaxRequests,
  }
}

/** What a body may have, and the error of one that has more. */
interface BodyLimit {
  maxBytes: number
  tooLarge: () => Error
}

/**
 * Refuses a body that is too large by the length that it says; where it says none, when more has come than it may have.
 * (hono's own `bodyLimit` cannot put a body back into the requests of its server for Node: each that says no length fails.)
 */
export function limitBodies(limits: ApiLimits): MiddlewareHandler {
  return async ({ req }, next) => {
    const { maxBytes, tooLarge } = limitOf(req, limits)
    if (Number(req.header('content-length') ?? 0) > maxBytes) throw tooLarge()
    const { body } = req.raw
    if (req.header('transfer-encoding') !== undefined && body !== null) {
      const bytes = await readAtMost(body, { maxBytes, tooLarge })
      const { method, url, signal } = req.raw
      req.raw = new Request(url, { method, headers: [...req.raw.headers], signal, body: bytes })
    }
    await next()
  }
}

function limitOf({ method, path }: HonoRequest, { items, bodyBytes }: ApiLimits): BodyLimit {
  if (method === 'PUT' && path.startsWith('/v1/keys/') && items.valueBytes <= bodyBytes) {
    return { maxBytes: items.valueBytes, tooLarge: () => valueTooLarge(items, 'more') }
  }
  const message = `expected a body of at most ${bodyBytes} bytes (API_MAX_BODY_BYTES), saw more`
  return { maxBytes: bodyBytes, tooLarge: () => new BodyTooLargeError(message) }
}

async function readAtMost(
  body: ReadableStream<Uint8Array>,
  { maxBytes, tooLarge }: BodyLimit,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
