import { z } from 'zod'
import {
  CAUSES,
  type Cause,
  type DialEvidence,
  type DialErrorKind,
  type Evidence,
  type Remedy,
  type RemedyAction,
} from '../judgement/causes.ts'
import type { DialOutcome } from '../judgement/dial-outcome.ts'
import { HANDSHAKE_KINDS } from '../judgement/handshake-error.ts'
import { RUNGS } from '../judgement/ladder.ts'
import type { Sighting } from '../judgement/sighting.ts'
import type { PingOutcome } from '../peer/ping.ts'
import type {
  GetOutcome,
  KeyChange,
  KeyPage,
  ProvideOutcome,
  PutOutcome,
} from '../store/outcomes.ts'
import type { NodeStatus, PeerView } from './node-api.ts'

/**
 * The contract of the faces: what crosses from one process to another. `NodeApi` says what it means; each schema here
 * is held to its type there by the compiler.
 */

const count = z.int().nonnegative()

export const NodeStatusSchema = z.object({
  peerId: z.string(),
  agent: z.string(),
  mode: z.enum(['client', 'server']),
  protocol: z.string(),
  scope: z.enum(['public', 'private', 'any']),
  listening: z.array(z.string()),
  announced: z.array(z.string()),
  connections: count,
  listed: count,
  joined: z.boolean(),
  ready: z.boolean(),
  waitingFor: z.array(z.string()),
  uptimeMs: z.number(),
  residentBytes: count,
}) satisfies z.ZodType<NodeStatus>

export const PeerViewSchema = z.object({
  peerId: z.string(),
  connected: z.boolean(),
  listed: z.boolean(),
  addresses: z.array(z.string()),
  remoteAddresses: z.array(z.string()),
  agent: z.string().nullable(),
}) satisfies z.ZodType<PeerView>

export const DialErrorKindSchema = z.enum([
  'refused',
  'timed-out',
  'no-route',
  'name-not-resolved',
  'private-name',
  'no-family',
  ...HANDSHAKE_KINDS,
  'wrong-peer-id',
  'own-address',
  'denied',
  'other',
]) satisfies z.ZodType<DialErrorKind>

export const CauseSchema = z.enum(Object.keys(CAUSES) as [Cause, ...Cause[]])

export const DialEvidenceSchema = z.object({
  address: z.string(),
  ok: z.boolean(),
  kind: DialErrorKindSchema.exactOptional(),
  error: z.string().exactOptional(),
  durationMs: count.describe('How long it took, in milliseconds.').exactOptional(),
  answeredBy: z.string().describe('The peer that answered in its place.').exactOptional(),
}) satisfies z.ZodType<DialEvidence>

const EvidenceParts = {
  announced: z.array(z.string()).describe('Multiaddrs that identify carried.'),
  scope: z.enum(['public', 'private', 'any']).describe("The observer's address filter."),
  stored: z.array(z.string()).describe('What the observer has stored, where it differs.'),
  kept: z.array(z.string()).describe('What the filter left.'),
  observerMode: z.literal('client').describe('Where the observer itself is a client.'),
  protocols: z.array(z.string()),
  expectedProtocol: z.string(),
  remoteAddress: z.string(),
  dials: z.array(DialEvidenceSchema),
  error: z.string(),
  agent: z.string(),
  bucket: z.object({ contacts: count, capacity: count }),
  asked: z
    .array(z.object({ peer: z.string(), cause: z.string().nullable() }))
    .describe('Whom the observer asked, and why each does not list the target.'),
  sameIdentity: z.array(z.string()).describe('Nodes that have the identity of the target.'),
  group: z.object({
    network: z.string(),
    limit: count,
    sharedBits: count.describe('Of those alone whose ids begin alike.').exactOptional(),
  }),
} satisfies Record<keyof Evidence, z.ZodType>

export const EvidenceSchema = z.object(EvidenceParts).exactPartial() satisfies z.ZodType<Evidence>

export const RemedyActionSchema = z.union([
  z.strictObject({ on: z.string(), set: z.record(z.string(), z.string().nullable()) }),
  z.strictObject({
    router: z.string(),
    forward: z.strictObject({ port: count, to: z.string(), toPort: count }),
  }),
  z.strictObject({ router: z.string(), allow: count }),
  z.strictObject({ router: z.string(), hairpin: z.literal(true) }),
  z.strictObject({ on: z.string(), start: z.literal(true) }),
]) satisfies z.ZodType<RemedyAction>

export const RemedySchema = z.object({
  on: z.enum(['target', 'observer', 'both', 'network']),
  set: z.string().describe('A variable and its value, ready to paste.').exactOptional(),
  text: z.string(),
  actions: z
    .array(RemedyActionSchema)
    .describe('The same as data: together they cure.')
    .exactOptional(),
  none: z.string().describe('Why nothing cures it.').exactOptional(),
}) satisfies z.ZodType<Remedy>

export const SightingSchema = z.object({
  peerId: z.string(),
  rung: z.enum(RUNGS),
  connected: z.boolean().nullable(),
  listed: z.boolean().nullable(),
  dialable: z.boolean().nullable(),
  announced: z.array(z.string()).nullable(),
  cause: CauseSchema.nullable(),
  evidence: EvidenceSchema.nullable(),
  remedy: RemedySchema.nullable(),
}) satisfies z.ZodType<Sighting>

export const PutOutcomeSchema = z.object({
  copies: count.describe('Other peers that stored the record.'),
  holders: z.array(z.string()).describe('Their peer ids.'),
  version: z.string().nullable().describe('Of the record that was written.'),
}) satisfies z.ZodType<PutOutcome>

export const ProvideOutcomeSchema = z.object({ told: count }) satisfies z.ZodType<ProvideOutcome>

export const DialOutcomeSchema = z.object({
  address: z.string(),
  ok: z.boolean(),
  kind: DialErrorKindSchema.nullable(),
  error: z.string().nullable(),
  durationMs: z.number(),
}) satisfies z.ZodType<DialOutcome>

export const PingOutcomeSchema = z.object({
  roundTripMs: z.number().nullable().describe('Null where nothing came over any connection.'),
}) satisfies z.ZodType<PingOutcome>

/** Bytes as base64 in JSON. */
export const BytesSchema = z.codec(
  z.base64(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text) => Buffer.from(text, 'base64'),
    encode: (bytes) => Buffer.from(bytes).toString('base64'),
  },
)

export const GetOutcomeSchema = z.object({
  value: BytesSchema,
  from: z.string().nullable(),
  version: z.string().nullable(),
  writer: z.string().nullable(),
  agreed: count,
}) satisfies z.ZodType<GetOutcome>

export const KeyChangeSchema = z.object({
  key: z.string(),
  value: BytesSchema.nullable().describe('base64; null where it was deleted, or is over.'),
  version: z.string().nullable().describe('Of a deletion too; null where a record is over.'),
  writer: z.string().nullable(),
}) satisfies z.ZodType<KeyChange>

export const KeyPageSchema = z.object({
  keys: z.array(z.object({ key: z.string(), valueBytes: count })),
  next: z
    .string()
    .nullable()
    .describe('What `after` is for the next page; null where this is the last.'),
}) satisfies z.ZodType<KeyPage>

export const ErrorSchema = z.object({ name: z.string(), message: z.string() })

/** An event, in as far as a face must know it: each kind's own fields are in `node-event.ts`. */
export const NodeEventSchema = z.looseObject({ event: z.string(), seq: count, ms: z.number() })

const WRITE = {
  replicas: count.exactOptional(),
  ifVersion: z.string().nullable().exactOptional(),
}

/** Arguments of the calls, by name. */
export const ARGUMENTS = {
  none: z.strictObject({}),
  key: z.strictObject({ key: z.string() }),
  put: z.strictObject({
    key: z.string(),
    value: BytesSchema,
    ...WRITE,
    ttlMs: count.exactOptional(),
  }),
  get: z.strictObject({ key: z.string(), agree: count.exactOptional() }),
  delete: z.strictObject({ key: z.string(), ...WRITE }),
  watch: z.strictObject({ key: z.string(), after: z.string().exactOptional() }),
  list: z.strictObject({ after: z.string().exactOptional(), limit: count.exactOptional() }),
  discovery: z.strictObject({
    dialBack: z.boolean().exactOptional(),
    again: z.boolean().exactOptional(),
    targets: z.array(z.string()).exactOptional(),
  }),
  dial: z.strictObject({ address: z.string() }),
  ping: z.strictObject({ peerId: z.string() }),
}
