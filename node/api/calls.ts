import { z } from 'zod'
import type { AbortOptions } from '../base/abort-options.ts'
import type { NodeApi, NodeCall } from './node-api.ts'
import {
  ARGUMENTS,
  DialOutcomeSchema,
  GetOutcomeSchema,
  KeyChangeSchema,
  KeyPageSchema,
  NodeStatusSchema,
  PeerViewSchema,
  PingOutcomeSchema,
  ProvideOutcomeSchema,
  PutOutcomeSchema,
  SightingSchema,
} from './schema.ts'

/** How one call of `NodeApi` crosses a wire: its arguments by name, its result, and how it is made at the far end. */
export interface CallFace<Arguments extends z.ZodType, Result extends z.ZodType> {
  readonly args: Arguments
  readonly result: Result
  readonly run: (
    api: NodeApi,
    args: z.output<Arguments>,
    options: AbortOptions,
  ) => Promise<z.output<Result>>
}

function face<Arguments extends z.ZodType, Result extends z.ZodType>(
  args: Arguments,
  result: Result,
  run: CallFace<Arguments, Result>['run'],
): CallFace<Arguments, Result> {
  return { args, result, run }
}

/** Every call of `NodeApi`, for the faces that carry calls as data. */
export const CALLS = {
  status: face(ARGUMENTS.none, NodeStatusSchema, (api, _args, options) => api.status(options)),
  peers: face(ARGUMENTS.none, z.array(PeerViewSchema), (api, _args, options) => api.peers(options)),
  discovery: face(ARGUMENTS.discovery, z.array(SightingSchema), (api, args, options) =>
    api.discovery({ ...args, ...options }),
  ),
  put: face(ARGUMENTS.put, PutOutcomeSchema, (api, { key, value, ...args }, options) =>
    api.put(key, value, { ...args, ...options }),
  ),
  get: face(ARGUMENTS.get, GetOutcomeSchema.nullable(), (api, { key, ...args }, options) =>
    api.get(key, { ...args, ...options }),
  ),
  list: face(ARGUMENTS.list, KeyPageSchema, (api, args, options) =>
    api.list({ ...args, ...options }),
  ),
  delete: face(ARGUMENTS.delete, PutOutcomeSchema, (api, { key, ...args }, options) =>
    api.delete(key, { ...args, ...options }),
  ),
  provide: face(ARGUMENTS.key, ProvideOutcomeSchema, (api, { key }, options) =>
    api.provide(key, options),
  ),
  providers: face(ARGUMENTS.key, z.array(z.string()), (api, { key }, options) =>
    api.providers(key, options),
  ),
  dial: face(ARGUMENTS.dial, DialOutcomeSchema, (api, { address }, options) =>
    api.dial(address, options),
  ),
  ping: face(ARGUMENTS.ping, PingOutcomeSchema, (api, { peerId }, options) =>
    api.ping(peerId, options),
  ),
} satisfies Record<NodeCall, CallFace<z.ZodType, z.ZodType>>

/** `watch`, for the faces that carry it as data: its arguments, and each change. */
export const WATCH = { args: ARGUMENTS.watch, change: KeyChangeSchema } as const

/** Arguments of a call, decoded. */
export type ArgumentsOf<Call extends NodeCall> = z.output<(typeof CALLS)[Call]['args']>

/** Result of a call, decoded. */
export type ResultOf<Call extends NodeCall> = z.output<(typeof CALLS)[Call]['result']>
