import * as fc from 'fast-check'
import type { DialErrorKind, DialEvidence } from '#node/judgement/causes.ts'
import { HANDSHAKE_KINDS } from '#node/judgement/handshake-error.ts'
import type { IdentifyFact, Observation, TableFact } from '#node/judgement/observation.ts'

export const KAD = '/ipfs/kad/1.0.0'
export const PING = '/ipfs/ping/1.0.0'
const PRIVATE = '/ip4/10.2.0.10/tcp/3000'
const PUBLIC = '/ip4/11.0.0.12/tcp/3000'

type Identified = Extract<IdentifyFact, { state: 'done' }>

/** What identify of a healthy public server says. */
export const IDENTIFIED: Identified = {
  state: 'done',
  agent: 'kadlab/0.1.0',
  protocols: [KAD, PING, '/ipfs/id/1.0.0'],
  announced: [PUBLIC],
  announcedKept: [PUBLIC],
  staleRecord: false,
}

const TABLE: TableFact = {
  listed: false,
  removed: null,
  update: 'none',
  error: null,
  bucket: { contacts: 0, capacity: 20 },
  fullGroup: null,
  probeError: null,
}

/** B as A of the field report sees it: behind 1:1 NAT, connected, identified, and nothing more yet. */
export const CONNECTED: Observation = {
  peerId: 'B',
  observer: {
    peerId: 'A',
    mode: 'server',
    scope: 'public',
    protocol: KAD,
    pingProtocol: PING,
    connections: 1,
    hosts: ['11.0.0.11'],
  },
  connections: [
    { direction: 'inbound', remoteAddress: '/ip4/11.0.0.12/tcp/43210', limited: false },
  ],
  closed: null,
  dials: [],
  denied: null,
  identify: IDENTIFIED,
  protocolsNow: null,
  confirmedKademlia: false,
  kademliaError: null,
  stored: [PUBLIC],
  kept: [PUBLIC],
  table: TABLE,
  ping: null,
  dialBack: [],
  settled: true,
}

/** Nothing was ever heard of B. */
export const UNKNOWN: Observation = {
  ...CONNECTED,
  connections: [],
  identify: { state: 'pending' },
  stored: [],
  kept: [],
  settled: false,
}

/** B is listed at its public address. */
export const LISTED: Observation = { ...CONNECTED, table: { ...TABLE, listed: true } }

/** `CONNECTED` with another identify and other stored addresses. */
export function identifying(
  fields: Partial<Identified>,
  addresses: { stored: string[]; kept: string[] } = CONNECTED,
): Observation {
  const { stored, kept } = addresses
  return { ...CONNECTED, identify: { ...IDENTIFIED, ...fields }, stored, kept }
}

/** `CONNECTED` with another state of the routing table. */
export function verifying(table: Partial<TableFact>, fields: Partial<Observation> = {}) {
  return { ...CONNECTED, table: { ...TABLE, ...table }, ...fields }
}

/** A dial that failed. */
export function failed(kind: DialErrorKind, address = PUBLIC): DialEvidence {
  return { address, ok: false, kind, error: `failed: ${kind}` }
}

/** The field report: B announces only the address that it has behind its NAT. */
export const FIELD_REPORT = identifying(
  { announced: [PRIVATE], announcedKept: [] },
  { stored: [PRIVATE], kept: [] },
)

const address = fc.constantFrom(PRIVATE, PUBLIC, '/ip4/127.0.0.1/tcp/1', '/dns4/b.example/tcp/1')
const addresses = fc.uniqueArray(address)
const text = fc.option(fc.constantFrom('one error', 'another'))
const kind = fc.constantFrom<DialErrorKind>(
  'refused',
  'timed-out',
  'no-route',
  'name-not-resolved',
  'private-name',
  'no-family',
  'wrong-peer-id',
  'own-address',
  'denied',
  ...HANDSHAKE_KINDS,
  'other',
)
const dials = fc.array(
  fc.oneof(
    fc.record({ address, ok: fc.constant(true) }),
    fc.record({ address, ok: fc.constant(false), kind, error: fc.constant('failed') }),
  ),
)
const identify: fc.Arbitrary<IdentifyFact> = fc.oneof(
  fc.constant({ state: 'pending' } as const),
  fc.constant({ state: 'failed', error: 'no identify' } as const),
  fc.record({
    state: fc.constant('done' as const),
    agent: fc.option(fc.constantFrom('kadlab/1', 'rust-libp2p/1', 'go-libp2p', 'js-libp2p/3', 'x')),
    protocols: fc.uniqueArray(fc.constantFrom(KAD, PING, '/other/kad/1.0.0')),
    announced: addresses,
    announcedKept: addresses,
    staleRecord: fc.boolean(),
  }),
)

/** Every observation that the types allow, those that contradict themselves included. */
export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  peerId: fc.constant('B'),
  observer: fc.record({
    peerId: fc.constant('A'),
    mode: fc.constantFrom('client' as const, 'server' as const),
    scope: fc.option(fc.constantFrom('public' as const, 'private' as const, 'any' as const)),
    protocol: fc.constant(KAD),
    pingProtocol: fc.option(fc.constant(PING)),
    connections: fc.option(fc.constantFrom(0, 1)),
    hosts: fc.constantFrom<string[]>([], ['11.0.0.12']),
  }),
  connections: fc.array(
    fc.record({
      direction: fc.constantFrom('inbound' as const, 'outbound' as const),
      remoteAddress: address,
      limited: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  closed: fc.option(fc.record({ error: text })),
  dials,
  denied: fc.option(fc.record({ address, error: fc.constant('too many') })),
  identify,
  protocolsNow: fc.option(fc.uniqueArray(fc.constantFrom(KAD, PING))),
  confirmedKademlia: fc.boolean(),
  kademliaError: text,
  stored: addresses,
  kept: addresses,
  table: fc.record({
    listed: fc.boolean(),
    removed: text,
    update: fc.constantFrom(
      'none' as const,
      'running' as const,
      'ended' as const,
      'failed' as const,
    ),
    error: text,
    bucket: fc.option(fc.record({ contacts: fc.nat(3), capacity: fc.integer({ min: 1, max: 3 }) })),
    probeError: fc.option(fc.constant('stream reset')),
    fullGroup: fc.option(fc.record({ network: fc.constant('11.0.0.0/24'), limit: fc.nat(3) })),
  }),
  ping: fc.option(fc.record({ ok: fc.boolean(), error: text })),
  dialBack: dials,
  settled: fc.boolean(),
})
