import { z } from 'zod'
import { NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import { linkSchema } from '../words/link-words.ts'
import { stepSchema } from '../words/steps/steps.ts'
import {
  address,
  clockError,
  duration,
  keysOf,
  name,
  port,
  portNumber,
  publicSubnet,
  strict,
  subnet,
} from '../words/values.ts'
import { PROGRAMS } from './programs.ts'

/**
 * What a scenario file may say; its steps and expectations are in `words/`. Every error message of a field completes
 * "expected ...". The JSON schema for editors is generated from here (`npm run docs`).
 */

function partial<Shape extends z.ZodRawShape>(
  shape: Shape,
): { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> } {
  return z.object(shape).partial().shape
}

const dependence = z
  .enum(['EI', 'AD', 'APD'])
  .describe('RFC 4787: endpoint-independent, address-dependent, or address-and-port-dependent.')

const routerFields = {
  mapping: dependence
    .describe('How outside ports are chosen for destinations (RFC 4787).')
    .optional(),
  filtering: dependence.describe('Who may answer through a mapping (RFC 4787).').optional(),
  ports: z
    .enum(['preserve', 'random'])
    .describe('Whether a mapping keeps the inside port where it is free.')
    .optional(),
  hairpin: z
    .boolean()
    .describe('Whether inside hosts reach each other at outside addresses.')
    .optional(),
  allow: z
    .array(port)
    .describe("one-to-one only: what the security group lets in unasked. Default ['tcp/3000'].")
    .optional(),
  forwards: z
    .array(
      strict({
        port: port.describe('Outside port.'),
        to: name.describe('Node behind this router.'),
        toPort: portNumber.describe('Inside port. Default: the same.').optional(),
      }),
    )
    .describe("Forwarded ports. Default for port-forward: each node's listening port.")
    .optional(),
  timeouts: strict({
    udp: duration.describe('Idle UDP mapping. Default 2m.').optional(),
    tcpEstablished: duration.describe('Idle established TCP connection. Default 124m.').optional(),
    tcpTransitory: duration.describe('TCP connection opening or closing. Default 4m.').optional(),
  })
    .describe('How long idle mappings live.')
    .optional(),
}

const natPreset = z.enum(keysOf(NAT_PRESETS)).describe('A NAT by its classic name.')

const natSchema = z
  .union([
    natPreset,
    strict({
      preset: natPreset,
      ...routerFields,
      carrier: strict(routerFields).describe("cgnat only: the carrier's router.").optional(),
    }),
  ])
  .describe(
    'What stands between the site and the internet: a preset, or a preset with parts of it changed.',
  )

const count = z.int().min(1).max(1000, 'at most 1000')

const siteFields = {
  nat: natSchema,
  subnet: subnet
    .describe("The site's network. Default: the next free one of 10.0.0.0/8.")
    .optional(),
  public: address
    .describe("The router's address on the internet. Default: the next free one.")
    .optional(),
  link: linkSchema.optional(),
}

const siteCount = count
  .describe('So many sites like this, each with a router of its own: homes-1, homes-2 …')
  .optional()

const envSchema = z
  .record(
    z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'a variable name such as PUBLIC_IP'),
    z
      .union([z.string(), z.number(), z.boolean()], 'text, a number, true or false')
      .transform(String),
  )
  .describe(
    'Environment of the node. Values may hold {public}, {address}, {port}, {peer-id} of the node, or {A.public} of another.',
  )

const nodeFields = {
  site: name.describe('The site that it stands in.'),
  program: z
    .enum(keysOf(PROGRAMS))
    .describe('Which implementation it runs. Default kadlab.')
    .optional(),
  address: address
    .describe('Address on its interface. Default: the next free one of the site.')
    .optional(),
  public: address
    .describe('one-to-one only: its public address. Default: the next free one of the internet.')
    .optional(),
  bootstrap: z.array(name).describe('Nodes that it joins through.').optional(),
  env: envSchema.optional(),
  clock: clockError
    .describe('How far its clock is off: +1d is a day ahead, -1d a day behind. On sim.')
    .optional(),
  autostart: z.boolean().describe('False: a step starts it. Default true.').optional(),
  start: z
    .enum(['after-bootstrap', 'anyhow'])
    .describe('Whether it waits until the nodes of its bootstrap listen. Default after-bootstrap.')
    .optional(),
}

const nodeCount = count
  .describe(
    'So many nodes like this: n-1, n-2 … They stand in turn in the copies of a site that has a count.',
  )
  .optional()

const steps = z.array(stepSchema)

const variantSchema = strict({
  title: z.string().describe('What the variant shows, in one sentence.').optional(),
  sites: z
    .record(name, strict(partial(siteFields)))
    .describe('What is different of these sites. Networks are built anew for it.')
    .optional(),
  nodes: z
    .record(name, strict(partial(nodeFields)))
    .describe('What is different of these nodes; env is merged.')
    .optional(),
  steps: steps.describe("Steps of this variant. Default: the scenario's.").optional(),
})

export const scenarioSchema = strict({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,63}$/,
      "lower-case letters, digits and dashes, as in the file's name",
    ),
  title: z.string().min(1, 'one sentence').describe('What the scenario shows, in one sentence.'),
  about: z
    .string()
    .min(1, 'a few sentences')
    .max(2000, 'at most 2000 characters')
    .describe(
      'What happens in it and why one should look, in a few sentences; reports show it below the title.',
    )
    .optional(),
  extends: z
    .string()
    .describe(
      'Another scenario, by its name in the catalogue or the path of its file from here: this one has all of it but name, title and about. What is said here is laid over it: maps key by key, all else as a whole; null takes away.',
    )
    .optional(),
  internet: publicSubnet
    .describe(
      'The network that routers share. Must look public. Default 11.0.0.0/24, or /16 for a crowd.',
    )
    .optional(),
  sites: z
    .record(name, strict({ ...siteFields, count: siteCount }))
    .describe('LANs, each behind what its nat says.'),
  nodes: z.record(name, strict({ ...nodeFields, count: nodeCount })).describe('Peers.'),
  steps: steps
    .describe('What is done and awaited, in order, in each variant that has no steps of its own.')
    .optional(),
  variants: z
    .record(name, variantSchema)
    .describe('Named changes, laid side by side in the report. Default: one, called default.')
    .optional(),
}).describe('A kadlab scenario: sites, nodes, variants, steps, expectations.')

/** What a scenario file says. */
export type ScenarioFile = z.infer<typeof scenarioSchema>

/** A scenario in which each of several nodes and sites stands for itself. */
export type Scenario = ScenarioFile & {
  /** The names of the copies, by the name of what has a `count`. Default: none. */
  groups?: Readonly<Record<string, readonly string[]>>
}
export type SiteSpec = Scenario['sites'][string]
export type NodeSpec = Scenario['nodes'][string]
export type NatSpecWords = z.infer<typeof natSchema>
