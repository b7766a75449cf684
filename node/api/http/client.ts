import { z } from 'zod'
import type { AbortOptions } from '../../base/abort-options.ts'
import type { ApiAddress } from '../../config/values.ts'
import type { EventsOptions } from '../../events/event-log.ts'
import type { NodeEvent } from '../../events/node-event.ts'
import { VersionError } from '../../store/errors.ts'
import type { KeyChange, PutOptions, PutOutcome, WatchOptions } from '../../store/outcomes.ts'
import { BadRequestError } from '../errors.ts'
import type { NodeApi } from '../node-api.ts'
import {
  DialOutcomeSchema,
  KeyChangeSchema,
  KeyPageSchema,
  NodeEventSchema,
  NodeStatusSchema,
  PeerViewSchema,
  PingOutcomeSchema,
  ProvideOutcomeSchema,
  PutOutcomeSchema,
  SightingSchema,
} from '../schema.ts'
import { askNode, type HttpQuestion, type NodeAddress, openAnswer } from './ask-node.ts'
import { eventData } from './event-data.ts'

/**
 * A node whose HTTP face listens there, and asks for this token where it asks for one. Nothing is opened before the first call, and nothing stays open but the
 * streams of events. Errors come back with the name that they had there.
 */
export function createHttpClient(listen: ApiAddress, token: string | null = null): NodeApi {
  const address: NodeAddress = { listen, token }
  const json = async <T>(schema: z.ZodType<T>, question: HttpQuestion): Promise<T> => {
    const { body } = await askNode(address, question)
    const read = schema.safeParse(JSON.parse(body.toString()))
    if (read.success) return read.data
    throw new BadRequestError(`not an answer to this call: ${z.prettifyError(read.error)}`)
  }
  const write = async (
    method: 'PUT' | 'DELETE',
    key: string,
    { replicas, ttlMs, ifVersion, signal }: PutOptions,
    body?: Uint8Array,
  ): Promise<PutOutcome> => {
    const path = `${keyPath('keys', key)}${queryOf({ replicas, ttlMs })}`
    const headers = conditionOf(ifVersion)
    const content = body === undefined ? {} : { body }
    try {
      return await json(PutOutcomeSchema, { method, path, headers, signal, ...content })
    } catch (error) {
      // The one condition that was sent is that of the version.
      if (!(error instanceof Error) || error.name !== 'PreconditionError') throw error
      throw new VersionError(error.message, { cause: error })
    }
  }
  return {
    status: (options) => json(NodeStatusSchema, asGet('/v1/status', options)),
    peers: (options) => json(z.array(PeerViewSchema), asGet('/v1/peers', options)),
    discovery: ({ dialBack = false, again = false, targets = [], ...options } = {}) => {
      const query = new URLSearchParams([
        ['dialBack', String(dialBack)],
        ...(again ? [['again', 'true']] : []),
        ...targets.map((peerId) => ['target', peerId]),
      ])
      return json(z.array(SightingSchema), asGet(`/v1/discovery?${query}`, options))
    },
    put: async (key, value, options = {}) => write('PUT', key, options, value),
    async get(key, { agree, signal } = {}) {
      try {
        const question = asGet(`${keyPath('keys', key)}${queryOf({ agree })}`, { signal })
        const { body, headers } = await askNode(address, question)
        const read = GotHeadersSchema.parse(headers)
        return { value: body, ...read }
      } catch (error) {
        if (error instanceof Error && error.name === 'NotFoundError') return null
        throw error
      }
    },
    list: ({ after = '', limit, signal } = {}) => {
      const most = limit === undefined ? {} : { limit: String(limit) }
      const query = new URLSearchParams({ after, ...most })
      return json(KeyPageSchema, asGet(`/v1/keys?${query}`, { signal }))
    },
    delete: async (key, options = {}) => write('DELETE', key, options),
    watch: (key, options) => watch(address, key, options),
    provide: async (key, { signal } = {}) => {
      const path = keyPath('providers', key)
      return json(ProvideOutcomeSchema, { method: 'PUT', path, signal })
    },
    providers: async (key, options) =>
      json(z.array(z.string()), asGet(keyPath('providers', key), options)),
    dial: (target, { signal } = {}) =>
      json(DialOutcomeSchema, asPost('/v1/dial', { address: target }, signal)),
    ping: (peerId, { signal } = {}) =>
      json(PingOutcomeSchema, asPost('/v1/ping', { peerId }, signal)),
    events: (options) => events(address, options),
  }
}

/** What a read's headers say of the record. */
const GotHeadersSchema = z
  .object({
    'x-kadlab-from': z.string(),
    'x-kadlab-version': z.string().exactOptional(),
    'x-kadlab-writer': z.string().exactOptional(),
    'x-kadlab-agreed': z.string().regex(/^\d+$/),
  })
  .transform((headers) => ({
    from: headers['x-kadlab-from'] === 'self' ? null : headers['x-kadlab-from'],
    version: headers['x-kadlab-version'] ?? null,
    writer: headers['x-kadlab-writer'] ?? null,
    agreed: Number(headers['x-kadlab-agreed']),
  }))

function conditionOf(ifVersion: string | null | undefined): Record<string, string> {
  if (ifVersion === undefined) return {}
  return ifVersion === null ? { 'if-none-match': '*' } : { 'if-match': `"${ifVersion}"` }
}

/** Numbers as a query; those that are undefined are left out. */
function queryOf(numbers: Readonly<Record<string, number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined) query.set(name, String(value))
  }
  return query.size === 0 ? '' : `?${query}`
}

function asPost(path: string, question: object, signal: AbortSignal | undefined): HttpQuestion {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(question)),
    signal,
  }
}

function asGet(path: string, { signal }: AbortOptions = {}): HttpQuestion {
  return { method: 'GET', path, signal }
}

/** @throws BadRequestError for the two keys that a URL takes for a step upwards, percent-encoded or not. */
function keyPath(what: 'keys' | 'providers' | 'watch', key: string): string {
  if (key === '.' || key === '..') {
    throw new BadRequestError(`expected a key other than . and .. over HTTP, saw ${key}`)
  }
  return `/v1/${what}/${encodeURIComponent(key)}`
}

/** Ends where the signal aborts or the node goes, as every face's watch does. */
async function* watch(
  address: NodeAddress,
  key: string,
  { after, signal }: WatchOptions = {},
): AsyncGenerator<KeyChange> {
  const headers = after === undefined ? {} : { 'last-event-id': after }
  const path = keyPath('watch', key)
  try {
    const answer = await openAnswer(address, { method: 'GET', path, headers, signal })
    for await (const data of eventData(answer)) {
      yield z.decode(KeyChangeSchema, JSON.parse(data) as z.input<typeof KeyChangeSchema>)
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

/** Ends where the signal aborts or the node goes, as every face's events do. */
async function* events(
  address: NodeAddress,
  { since, signal }: EventsOptions = {},
): AsyncGenerator<NodeEvent> {
  const headers = since === undefined ? {} : { 'last-event-id': String(since) }
  try {
    const answer = await openAnswer(address, {
      method: 'GET',
      path: '/v1/events',
      headers,
      signal,
    })
    for await (const data of eventData(answer)) {
      const event: unknown = JSON.parse(data)
      // Each event's own fields are its node's promise; its kind and stamp are what this side relies on.
      if (NodeEventSchema.safeParse(event).success) yield event as NodeEvent
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}
