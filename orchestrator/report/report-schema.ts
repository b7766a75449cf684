import { z } from 'zod'
import { CauseSchema, EvidenceSchema, RemedyActionSchema, RemedySchema } from '#node/api/schema.ts'
import { RUNGS } from '#node/judgement/ladder.ts'
import { FABRIC_NAMES } from '#orchestrator/scenario/fabrics.ts'

/**
 * What `report.json` carries. Fields are only ever added; a field that changes its meaning makes another `schema`.
 * The JSON schema beside this file is generated from here (`npm run docs`).
 */

export const REPORT_SCHEMA = 'kadlab.report/1'

const dependence = z.enum(['EI', 'AD', 'APD']).nullable()
const milliseconds = z.number().min(0)
const tristate = z.boolean().nullable().describe('null: unknown, or not tried.')

const natProof = z.strictObject({
  router: z.string(),
  preset: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  mapping: dependence.describe('As measured; null: could not be measured.'),
  filtering: dependence.describe('As measured.'),
  hairpin: z.boolean().nullable(),
  portPreservation: z.boolean().nullable(),
  holds: z.boolean().describe('Whether the router is what its configuration says.'),
  differences: z.array(z.string()),
})

const cell = z.strictObject({
  observer: z.string(),
  target: z.string(),
  rung: z.enum(RUNGS),
  connected: tristate,
  listed: tristate,
  dialable: tristate,
  cause: CauseSchema.nullable().describe('null on the top rung.'),
  evidence: EvidenceSchema.nullable(),
  remedy: RemedySchema.nullable(),
  meant: z
    .enum(['expected', 'set'])
    .optional()
    .describe(
      'Why it is no finding though it is not on the top rung: expected says so, or a setting of the target (a client by design).',
    ),
})

const variant = z.strictObject({
  name: z.string(),
  title: z.string(),
  holds: z.boolean(),
  settings: z
    .record(z.string(), z.record(z.string(), z.string()))
    .describe('Node, variable, value: what the scenario sets.'),
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      program: z.string(),
      peerId: z.string(),
      site: z.string(),
      privateAddress: z.ipv4().describe('On its interface.'),
      publicAddress: z.ipv4().describe('Under which the world sees it.'),
      announced: z
        .array(z.string())
        .nullable()
        .describe(
          'Bare IPs (or names) that it announces to others; null: it does not run, or did not answer.',
        ),
    }),
  ),
  cells: z.array(cell),
  steps: z
    .array(
      z.strictObject({
        word: z.string().describe('The word of the scenario language.'),
        text: z.string(),
        node: z.string().nullable().describe('The node that acts, or is acted on.'),
        key: z.string().nullable(),
        atMs: milliseconds.describe('When it began, since the run began.'),
      }),
    )
    .describe('What was done and awaited, in order.'),
  expectations: z.array(
    z.strictObject({
      step: z.int().min(1).describe('The step that it belongs to, counted from 1.'),
      word: z
        .string()
        .describe('The word of the scenario language; of a step that must succeed too.'),
      observer: z.string().nullable().describe('The node that looks, or acts.'),
      target: z.string().nullable().describe('The node that is looked for.'),
      key: z.string().nullable(),
      cause: z.string().nullable().describe('The cause that must be named; null where none is.'),
      text: z.string(),
      holds: z.boolean(),
      expected: z.string(),
      seen: z.string(),
      afterMs: milliseconds,
    }),
  ),
  tables: z
    .array(
      z.strictObject({
        atMs: milliseconds.describe('Since the run began.'),
        recall: z
          .number()
          .min(0)
          .max(1)
          .describe('Of the 20 closest that each node could list, the share that is listed.'),
        dead: z.number().min(0).max(1).describe('Of all contacts, the share that does not run.'),
        contacts: z.int().min(0).describe('Contacts in all tables.'),
      }),
    )
    .describe('How good the routing tables were, whenever they changed, at most once a second.'),
  timings: z.strictObject({
    networkMs: milliseconds,
    startMs: milliseconds,
    connectedMs: milliseconds.nullable(),
    listedMs: milliseconds.nullable(),
  }),
})

const pair = z.strictObject({ observer: z.string(), target: z.string() })

const cure = z.strictObject({
  variant: z.string(),
  red: z.int().min(0).describe('Pairs that were red before the first round.'),
  rounds: z.array(
    z.strictObject({
      name: z.string().describe('The variant under which the round stands in this report.'),
      actions: z.array(RemedyActionSchema),
      cured: z.array(pair).describe('Red before the round, dialable after it.'),
      worse: z.array(pair).describe('Dialable before the round, red after it.'),
      left: z.array(pair).describe('Red after the round.'),
    }),
  ),
  left: z.array(
    z.strictObject({
      ...pair.shape,
      cause: z.string(),
      why: z.string().nullable().describe('Why nothing cures it.'),
    }),
  ),
})

export const reportSchema = z.strictObject({
  schema: z.literal(REPORT_SCHEMA),
  scenario: z.string(),
  title: z.string(),
  about: z.string().exactOptional().describe('More of what the scenario shows.'),
  extends: z.string().exactOptional().describe('The scenario that it is a change of.'),
  fabric: z.enum(FABRIC_NAMES),
  seed: z.int(),
  holds: z.boolean().describe('The verdict: every expectation of every variant held.'),
  startedAt: z.iso.datetime().describe('In the real world.'),
  durationMs: milliseconds.describe('In the real world.'),
  simulatedMs: milliseconds
    .nullable()
    .describe('What the run took in simulated time, as all other times here; null in real time.'),
  versions: z.strictObject({
    kadlab: z.string(),
    libp2p: z.string(),
    node: z.string(),
    engine: z.string().optional(),
  }),
  failure: z
    .strictObject({
      name: z.string().describe('Of the error.'),
      message: z.string(),
      exitCode: z.int(),
    })
    .optional()
    .describe('Why the run has no verdict; what is here is what was known by then.'),
  natProofs: z.array(natProof),
  variants: z.array(variant),
  cures: z.array(cure).describe('What --cure did, by variant.').exactOptional(),
})

export type Report = z.infer<typeof reportSchema>
export type VariantReport = Report['variants'][number]

/** The JSON schema of reports. */
export function reportJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportSchema), title: 'kadlab report' }
}
