import { z } from 'zod'
import { CAUSES, type Cause } from '#node/judgement/causes.ts'
import { LINK_PRESETS } from '#orchestrator/net/link-presets.ts'
import { NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import { PROGRAMS } from './programs.ts'
import {
  address,
  duration,
  key,
  name,
  patience,
  port,
  publicSubnet,
  rate,
  share,
  subnet,
  value,
} from './words.ts'

/**
 * What a scenario file may say. Every error message of a field completes "expected ...".
 * The JSON schema for editors is generated from here (`npm run docs`).
 */

/** How long an expectation, a put or a provide may take where the scenario says nothing. */
export const DEFAULT_WITHIN_MS = 10_000

function keysOf<T extends string>(record: Record<T, unknown>): [T, ...T[]] {
  return Object.keys(record) as [T, ...T[]]
}

/** An object that has these keys and no others; its complaint of another key is the list of those allowed. */
function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const allowed = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? allowed : undefined),
  })
}

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
        toPort: z.int().min(1).max(65_535).describe('Inside port. Default: the same.').optional(),
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

const linkPreset = z.enum(keysOf(LINK_PRESETS)).describe('A link by its usual name.')

const linkSchema = z
  .union([
    linkPreset,
    strict({
      latency: duration.describe('Delay of each packet in each direction. Default 0ms.').optional(),
      jitter: duration.describe('Largest random addition to the delay. Default 0ms.').optional(),
      rate: rate.describe('Bits a second. Default: unlimited.').optional(),
      loss: share.describe('Share of packets lost. Default 0%.').optional(),
    }),
  ])
  .describe("What each packet on the site's network meets. Default lan.")

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
  autostart: z.boolean().describe('False: a step starts it. Default true.').optional(),
}

const within = patience.describe('Longest wait. Default 10s.').optional()
const cause = z
  .enum(keysOf<Cause>(CAUSES))
  .describe('The cause that the ladder must name.')
  .optional()

/** Each kind of expectation by the word that names it. */
export const EXPECTATIONS = {
  connected: strict({ observer: name, connected: name, within }).describe(
    'The observer has a connection to the node.',
  ),
  lists: strict({ observer: name, lists: name, within }).describe(
    "The node is in the observer's routing table.",
  ),
  'not-lists': strict({ observer: name, 'not-lists': name, cause, within }).describe(
    "The node is known not to be in the observer's routing table, for this cause.",
  ),
  dialable: strict({ observer: name, dialable: name, within }).describe(
    'The observer reaches the node on a fresh connection to an address under which it lists it.',
  ),
  'not-dialable': strict({ observer: name, 'not-dialable': name, cause, within }).describe(
    'The observer cannot reach the node on a fresh connection, for this cause.',
  ),
  reads: strict({ node: name, reads: key, value, within }).describe(
    'The node finds this value under the key.',
  ),
  'put-fails': strict({ node: name, 'put-fails': key, value, within }).describe(
    'A put on the node is refused, because too few peers store it.',
  ),
  'finds-provider': strict({ node: name, 'finds-provider': key, provider: name, within }).describe(
    'The node finds that the provider provides the key.',
  ),
}

const expectationSchema = z.union(Object.values(EXPECTATIONS))

/** Each kind of step by the word that names it. */
export const STEPS = {
  put: strict({ node: name, put: key, value, within }).describe('Stores a value under a key.'),
  provide: strict({ node: name, provide: key, within }).describe(
    'Tells the DHT that the node provides the key.',
  ),
  start: strict({ start: name }).describe('Starts a node that does not run.'),
  stop: strict({ stop: name }).describe('Ends a node as an operator would.'),
  restart: strict({ restart: name }).describe('Ends a node and starts it again.'),
  'flush-nat': strict({ 'flush-nat': name }).describe(
    'Makes the router of a site, or of all, forget its mappings.',
  ),
  expect: strict({
    expect: z.array(expectationSchema).min(1, 'at least one expectation'),
  }).describe('Awaits expectations; all must hold together at the end of the step.'),
}

const steps = z.array(z.union(Object.values(STEPS)))

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
  internet: publicSubnet
    .describe('The network that routers share. Must look public. Default 11.0.0.0/24.')
    .optional(),
  sites: z.record(name, strict(siteFields)).describe('LANs, each behind what its nat says.'),
  nodes: z.record(name, strict(nodeFields)).describe('Peers.'),
  steps: steps
    .describe('What is done and awaited, in order, in each variant that has no steps of its own.')
    .optional(),
  variants: z
    .record(name, variantSchema)
    .describe('Named changes, laid side by side in the report. Default: one, called default.')
    .optional(),
}).describe('A kadlab scenario: sites, nodes, variants, steps, expectations.')

export type Scenario = z.infer<typeof scenarioSchema>
export type SiteSpec = Scenario['sites'][string]
export type NodeSpec = Scenario['nodes'][string]
export type StepSpec = z.infer<typeof steps>[number]
export type ExpectationSpec = z.infer<typeof expectationSchema>
export type NatSpecWords = z.infer<typeof natSchema>
export type LinkSpecWords = z.infer<typeof linkSchema>
