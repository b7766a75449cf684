import { z } from 'zod'
import type { End, OwnSide, View } from './own-side.ts'

const EndSchema = z.object({
  host: z.string(),
  port: z.int().nonnegative(),
}) satisfies z.ZodType<End>

const ViewSchema = z.object({
  via: z.string().describe('The peer, as it was named.'),
  local: EndSchema.nullable().describe('This side, as it is here; null where nothing was opened.'),
  remote: EndSchema.nullable().describe("The peer's side; null where nothing was opened."),
  observed: EndSchema.nullable().describe(
    'Where the peer saw this side; null where it did not say.',
  ),
  error: z.string().nullable().describe('Why it could not be asked; null where it could.'),
}) satisfies z.ZodType<View>

/** What `doctor --self --json` prints. */
export const OwnSideSchema = z.object({
  schema: z.literal('kadlab.doctor-self/1'),
  healthy: z.boolean().describe('Whether the mapping could be told.'),
  views: z.array(ViewSchema),
  mapping: z
    .enum(['none', 'EI', 'AD or APD', 'APD'])
    .nullable()
    .describe(
      'In the words of RFC 4787; none: nothing translates. Null where too few peers said where they see this side.',
    ),
  ports: z
    .enum(['preserved', 'changed'])
    .nullable()
    .describe('Whether the outside port is the inside one; null where nobody said.'),
  carrier: z
    .enum(['no', 'unlikely', 'likely', 'yes', 'unknown'])
    .describe(
      'Whether a carrier translates too. Peers see the last translation only: unlikely and likely say what it looks like; the router knows.',
    ),
  advice: z.array(z.string()).describe('What that means, and what to do.'),
}) satisfies z.ZodType<OwnSide>

/** The same as a JSON Schema. */
export function ownSideJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(OwnSideSchema), title: 'kadlab doctor --self' }
}
