import { createRoute, z } from '@hono/zod-openapi'
import { ITEM_LIMITS } from '../../config/item-limits.ts'
import { LARGEST_PAGE } from '../../store/held-keys.ts'
import {
  ARGUMENTS,
  DialOutcomeSchema,
  KeyChangeSchema,
  KeyPageSchema,
  NodeStatusSchema,
  PeerViewSchema,
  PingOutcomeSchema,
  ProvideOutcomeSchema,
  PutOutcomeSchema,
  SightingSchema,
} from '../schema.ts'
import { PROBLEM_MEDIA_TYPE, ProblemSchema } from './problem.ts'

/** Every route of the HTTP face, as OpenAPI 3.1 has it. */

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
})
const plain = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
})

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemSchema } },
})

const ReadySchema = z.object({
  ready: z.boolean(),
  waitingFor: z.array(z.string()),
  doubts: z.array(z.string()).meta({
    description: 'What keeps others from finding it, ready or not: what its doctor fails for',
  }),
})

const keyParameter = z.object({
  key: z.string().meta({
    description: `1 to ${ITEM_LIMITS.keyBytes} bytes of UTF-8 (MAX_KEY_BYTES of the node), percent-encoded; slashes may stay as they are`,
  }),
})

const condition = (description: string) => z.string().exactOptional().meta({ description })

const digits = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${most}}$`))
    .exactOptional()

const replicas = digits(4).meta({
  description:
    'other peers that must store it, 0 for none; default: PUT_MIN_COPIES of the node, or a majority of the closest that answer',
})

const etag = z.object({
  etag: z.string().meta({ description: 'a strong tag: the version in quotes' }),
})

export const ROUTES = {
  status: createRoute({
    method: 'get',
    path: '/v1/status',
    summary: 'Who the node is, what it announces, how many peers it has',
    responses: { 200: json(NodeStatusSchema, 'the status') },
  }),
  peers: createRoute({
    method: 'get',
    path: '/v1/peers',
    summary: 'Each peer that the node is connected to or lists',
    responses: { 200: json(z.array(PeerViewSchema), 'the peers') },
  }),
  discovery: createRoute({
    method: 'get',
    path: '/v1/discovery',
    summary: 'The ladder: how far each known peer has come here, why no further, and what fixes it',
    request: {
      query: z.object({
        dialBack: z.enum(['true', 'false']).exactOptional().meta({
          description: 'dial each listed peer that was not dialled back yet before judging',
        }),
        again: z.enum(['true', 'false']).exactOptional().meta({
          description: 'with dialBack: the targets too that were dialled back before',
        }),
        target: z
          .union([z.string(), z.array(z.string())])
          .exactOptional()
          .meta({
            description: 'a peer id to judge though nothing was heard of it; may be repeated',
          }),
      }),
    },
    responses: { 200: json(z.array(SightingSchema), 'one sighting for each peer') },
  }),
  events: createRoute({
    method: 'get',
    path: '/v1/events',
    summary: 'The events of the node from now on, as server-sent events',
    request: {
      headers: z.object({
        'last-event-id': z.string().exactOptional().meta({
          description: 'replays held events after this one; 0 replays all that are held',
        }),
      }),
    },
    responses: {
      200: plain('id: the sequence number, data: the event as JSON', 'text/event-stream'),
    },
  }),
  list: createRoute({
    method: 'get',
    path: '/v1/keys',
    summary: 'Keys whose values this node itself holds, a page at a time; nobody else is asked',
    request: {
      query: z.object({
        after: z.string().exactOptional().meta({
          description:
            'only keys behind this one, in the order of their UTF-8 bytes: `next` of the page before',
        }),
        limit: z
          .string()
          .regex(/^\d{1,4}$/)
          .exactOptional()
          .meta({ description: `most keys of the page: 1 to ${LARGEST_PAGE}; default 100` }),
      }),
    },
    responses: {
      200: json(KeyPageSchema, 'the keys, and where the next page begins'),
      400: problem('not a key, or a limit that is not allowed'),
    },
  }),
  put: createRoute({
    method: 'put',
    path: '/v1/keys/{key}',
    summary: 'Stores the bytes of the body under a key',
    request: {
      params: keyParameter,
      query: z.object({
        replicas,
        ttlMs: digits(9).meta({
          description: 'ms after which it is over: 1 s to 48 h, which is the default',
        }),
      }),
      headers: z.object({
        'if-match': condition('tags of the versions that may be replaced; * for any'),
        'if-none-match': condition(
          'tags of the versions that must not be; * stores where nothing is',
        ),
      }),
      body: bytes(`at most ${ITEM_LIMITS.valueBytes} bytes (MAX_VALUE_BYTES of the node)`),
    },
    responses: {
      200: { ...json(PutOutcomeSchema, 'copies at other peers, and the version'), headers: etag },
      400: problem('not a key'),
      403: problem('the key belongs to another peer'),
      412: problem('the version is another than is required'),
      413: problem('the value is too large'),
      503: problem('fewer copies than wanted'),
    },
  }),
  get: createRoute({
    method: 'get',
    path: '/v1/keys/{key}',
    summary: 'The newest record that is found under a key',
    request: {
      params: keyParameter,
      query: z.object({
        agree: digits(4).meta({
          description:
            'copies of one version that are wanted; 1 takes the own copy without asking. Default: the first record that a peer gives, or the own one where that is newer',
        }),
      }),
      headers: z.object({
        'if-none-match': condition(
          'tags of values that the caller has: 304 where it is one of them',
        ),
        'if-match': condition('tags of values, one of which it must be'),
      }),
    },
    responses: {
      200: {
        ...bytes('the value'),
        headers: etag.extend({
          'x-kadlab-from': z.string().meta({ description: 'the peer that gave it, or self' }),
          'x-kadlab-version': z.string().exactOptional().meta({
            description: 'the version; none where the record is plain',
          }),
          'x-kadlab-writer': z.string().exactOptional().meta({
            description: 'the peer that wrote it; none where the record is plain',
          }),
          'x-kadlab-agreed': z.string().meta({ description: 'copies of that version seen' }),
        }),
      },
      304: { description: 'the caller has it', headers: etag },
      400: problem('not a key'),
      412: problem('the value is another than is required'),
      404: problem('no peer that answers has the key, or it was deleted'),
      503: problem('fewer copies of the newest version than wanted'),
    },
  }),
  delete: createRoute({
    method: 'delete',
    path: '/v1/keys/{key}',
    summary: 'Deletes what is under a key, at the node and at the peers closest to the key',
    request: {
      params: keyParameter,
      query: z.object({ replicas }),
      headers: z.object({
        'if-match': condition('tags of the versions that may be deleted; * for any'),
      }),
    },
    responses: {
      200: json(PutOutcomeSchema, 'peers that know of it, and the version of the deletion'),
      400: problem('not a key'),
      403: problem('the key belongs to another peer'),
      412: problem('the version is another than is required'),
      503: problem('fewer peers know of it than wanted'),
    },
  }),
  watch: createRoute({
    method: 'get',
    path: '/v1/watch/{key}',
    summary: 'What is under a key, and each newer version from then on, as server-sent events',
    request: {
      params: keyParameter,
      headers: z.object({
        'last-event-id': z.string().exactOptional().meta({
          description: 'the version that the caller has: it is not told again',
        }),
      }),
    },
    responses: {
      200: {
        description: 'put or delete, id: the version, data: the change as JSON',
        content: { 'text/event-stream': { schema: KeyChangeSchema } },
      },
      400: problem('not a key'),
    },
  }),
  provide: createRoute({
    method: 'put',
    path: '/v1/providers/{key}',
    summary: 'Tells the DHT that this node provides a key',
    request: { params: keyParameter },
    responses: {
      200: json(ProvideOutcomeSchema, 'peers to which it was sent'),
      400: problem('not a key'),
    },
  }),
  providers: createRoute({
    method: 'get',
    path: '/v1/providers/{key}',
    summary: 'Peer ids of those who provide a key',
    request: { params: keyParameter },
    responses: { 200: json(z.array(z.string()), 'peer ids'), 400: problem('not a key') },
  }),
  dial: createRoute({
    method: 'post',
    path: '/v1/dial',
    summary:
      'Dials a multiaddr on a fresh connection and closes it; a dial that fails is an answer too',
    request: {
      body: { required: true, content: { 'application/json': { schema: ARGUMENTS.dial } } },
    },
    responses: {
      200: json(DialOutcomeSchema, 'how the dial ended'),
      400: problem('not a multiaddr'),
    },
  }),
  ping: createRoute({
    method: 'post',
    path: '/v1/ping',
    summary:
      'Pings a peer over each connection to it, and closes those over which nothing comes; dials nobody',
    request: {
      body: { required: true, content: { 'application/json': { schema: ARGUMENTS.ping } } },
    },
    responses: {
      200: json(PingOutcomeSchema, 'what came back'),
      400: problem('not a peer id'),
    },
  }),
  metrics: createRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus metrics',
    responses: { 200: plain('the metrics', 'text/plain'), 404: problem('METRICS is no') },
  }),
  healthz: createRoute({
    method: 'get',
    path: '/healthz',
    summary: 'That the process answers',
    responses: { 200: plain('ok', 'text/plain') },
  }),
  readyz: createRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Whether the node listens, has joined and lists someone',
    responses: {
      200: json(ReadySchema, 'ready'),
      503: json(ReadySchema, 'not ready, and what it waits for'),
    },
  }),
}
