import { z } from 'zod'
import { DialEvidenceSchema, SightingSchema } from '../api/schema.ts'
import type { Implementation } from '../judgement/implementation.ts'
import { WORDS } from '../judgement/words.ts'
import {
  ADDRESS_SOURCES,
  ADDRESS_STATES,
  type AnnouncedAddress,
  type Check,
  CHECKS,
  type Diagnosis,
} from './diagnosis.ts'

const CheckSchema = z.object({
  name: z.enum(CHECKS),
  ok: z.boolean().nullable().describe('Null where there was nothing to try.'),
  detail: z.string(),
}) satisfies z.ZodType<Check>

const AnnouncedAddressSchema = z.object({
  address: z.string().describe('A multiaddr without the peer id.'),
  state: z.enum(ADDRESS_STATES).describe('unverified: not tried, or not over what it needs.'),
  sources: z
    .array(z.enum(ADDRESS_SOURCES))
    .describe(
      'identify: the peer announces it; dial: it was examined there; dial-back: tried on a fresh connection.',
    ),
  reach: z.enum(['loopback', 'private', 'public']),
  kept: z.boolean().describe('Whether the address filter of the scope keeps it.'),
  otherTransport: z
    .string()
    .nullable()
    .describe(
      'The transport that it needs and the doctor does not speak; null where it was dialled, or could be.',
    ),
  dial: DialEvidenceSchema.nullable().describe('On a fresh connection; null where not dialled.'),
}) satisfies z.ZodType<AnnouncedAddress>

/** What `doctor <multiaddr> --json` prints. */
export const DiagnosisSchema = z.object({
  schema: z.literal('kadlab.doctor/1'),
  address: z.string().describe('The multiaddr that was examined.'),
  healthy: z.boolean().describe('A stranger would list the peer, reach it, and be served.'),
  peerId: z.string().nullable().describe('Null where nobody answered.'),
  agent: z.string().nullable(),
  implementation: z.enum(Object.keys(WORDS) as [Implementation, ...Implementation[]]),
  checks: z.array(CheckSchema),
  announced: z
    .array(AnnouncedAddressSchema)
    .nullable()
    .describe('Addresses that identify carried; null where it did not come.'),
  sighting: SightingSchema,
}) satisfies z.ZodType<Diagnosis>

/** The same as a JSON Schema. */
export function diagnosisJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(DiagnosisSchema), title: 'kadlab doctor' }
}
