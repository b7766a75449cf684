import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { SightingSchema } from '#node/api/schema.ts'
import { CAUSES, type Cause } from '#node/judgement/causes.ts'
import { judge } from '#node/judgement/judge.ts'
import { RUNGS, type Rung } from '#node/judgement/ladder.ts'
import type { Observation } from '#node/judgement/observation.ts'
import {
  anyObservation,
  CONNECTED,
  failed,
  FIELD_REPORT,
  IDENTIFIED,
  identifying,
  LISTED,
  PING,
  UNKNOWN,
  verifying,
} from './observations.ts'

const PRIVATE_ONLY = { stored: ['/ip4/10.2.0.10/tcp/3000'], kept: [] }
const PING_FAILED = { ping: { ok: false, error: 'no answer' } }
const WITHOUT_IDENTIFY = { state: 'failed', error: 'no identify' } as const

/** The observer is seen at the very host that the target announces. */
const BEHIND_ONE_ROUTER = { ...UNKNOWN.observer, hosts: ['11.0.0.12'] }

/** Causes that one node alone cannot see: who knows the whole network names them. */
type SeenFromAbove =
  | 'CANNOT_START'
  | 'SAME_IDENTITY'
  | 'PATH_BLOCKED'
  | 'ADDRESS_BLOCKED'
  | 'ADDRESS_WRONG_PORT'

/** One observation for each cause: none is there that nothing leads to. */
const EXAMPLES: Readonly<Record<Exclude<Cause, SeenFromAbove>, Observation>> = {
  NEVER_DIALLED: { ...UNKNOWN, stored: ['/ip4/10.2.0.10/tcp/3000'] },
  NOT_JOINED: { ...UNKNOWN, observer: { ...UNKNOWN.observer, connections: 0 } },
  NOT_TOLD: UNKNOWN,
  NO_HAIRPIN: { ...UNKNOWN, dials: [failed('timed-out')], observer: BEHIND_ONE_ROUTER },
  NAME_NOT_RESOLVED: { ...UNKNOWN, dials: [failed('name-not-resolved')] },
  NAME_IS_PRIVATE: { ...UNKNOWN, dials: [failed('private-name')] },
  NO_ADDRESS_FAMILY: { ...UNKNOWN, dials: [failed('no-family')] },
  DIAL_REFUSED: { ...UNKNOWN, dials: [failed('refused')] },
  DIAL_TIMED_OUT: { ...UNKNOWN, dials: [failed('timed-out')] },
  DIAL_NO_ROUTE: { ...UNKNOWN, dials: [failed('no-route')] },
  DIAL_OWN_ADDRESS: { ...UNKNOWN, dials: [failed('own-address')] },
  WRONG_PEER_ID: { ...UNKNOWN, dials: [failed('wrong-peer-id')] },
  DIAL_FAILED: { ...UNKNOWN, dials: [failed('other')] },
  CONNECTION_SILENT: { ...UNKNOWN, dials: [failed('silent')] },
  NOT_LIBP2P: { ...UNKNOWN, dials: [failed('not-libp2p')] },
  PRIVATE_NETWORK: { ...UNKNOWN, dials: [failed('private-network')] },
  NO_COMMON_ENCRYPTER: { ...UNKNOWN, dials: [failed('no-encrypter')] },
  NO_COMMON_MUXER: { ...UNKNOWN, dials: [failed('no-muxer')] },
  DENIED_AFTER_HANDSHAKE: { ...UNKNOWN, dials: [failed('denied-after-handshake')] },
  CONNECTION_DENIED: { ...UNKNOWN, dials: [failed('denied')] },
  CONNECTION_LOST: { ...UNKNOWN, closed: { error: 'the stream was reset' } },
  IDENTIFY_PENDING: { ...CONNECTED, identify: { state: 'pending' } },
  IDENTIFY_FAILED: { ...CONNECTED, identify: WITHOUT_IDENTIFY },
  LIMITED_CONNECTION: {
    ...CONNECTED,
    connections: CONNECTED.connections.map((one) => ({ ...one, limited: true })),
  },
  CLIENT_MODE: identifying({ protocols: [PING] }),
  PROTOCOL_MISMATCH: identifying({ protocols: [PING, '/other/kad/1.0.0'] }),
  KADEMLIA_FAILED: { ...CONNECTED, kademliaError: 'it answered nothing' },
  SERVER_MODE_NOT_PUSHED: {
    ...identifying({ protocols: [PING] }),
    protocolsNow: IDENTIFIED.protocols,
  },
  NO_ADDRESS_ANNOUNCED: identifying({ announced: [], announcedKept: [] }, PRIVATE_ONLY),
  ONLY_PRIVATE_ADDRESSES: FIELD_REPORT,
  ONLY_PUBLIC_ADDRESSES: {
    ...identifying({ announcedKept: [] }, { stored: ['/ip4/11.0.0.12/tcp/3000'], kept: [] }),
    observer: { ...CONNECTED.observer, scope: 'private' },
  },
  ADDRESSES_EXPIRED: identifying({}, { stored: [], kept: [] }),
  STALE_SIGNED_RECORD: identifying({ staleRecord: true }, PRIVATE_ONLY),
  NO_ADDRESS_KNOWN: {
    ...CONNECTED,
    identify: WITHOUT_IDENTIFY,
    confirmedKademlia: true,
    stored: [],
    kept: [],
  },
  PENDING: { ...CONNECTED, settled: false },
  PING_FAILED: verifying({ update: 'ended' }, PING_FAILED),
  PING_UNSUPPORTED: {
    ...verifying({ update: 'ended' }, PING_FAILED),
    identify: { ...IDENTIFIED, protocols: [CONNECTED.observer.protocol] },
  },
  BUCKET_FULL: verifying({ update: 'ended', bucket: { contacts: 20, capacity: 20 } }),
  IP_GROUP_FULL: verifying({ update: 'failed', fullGroup: { network: '11.0.0.0/24', limit: 128 } }),
  ADMISSION_PROBE_FAILED: verifying({ update: 'failed', probeError: 'stream reset' }),
  TABLE_UPDATE_TIMED_OUT: verifying({ update: 'failed', error: 'aborted' }),
  EVICTED: verifying({ update: 'ended', removed: 'it did not answer' }),
  LISTED_WITHOUT_ADDRESS: { ...LISTED, kept: [] },
  ADDRESS_REFUSED: { ...LISTED, dialBack: [failed('refused')] },
  ADDRESS_TIMED_OUT: { ...LISTED, dialBack: [failed('timed-out')] },
  ADDRESS_NO_HAIRPIN: {
    ...LISTED,
    dialBack: [failed('timed-out')],
    observer: BEHIND_ONE_ROUTER,
  },
  ADDRESS_NAME_NOT_RESOLVED: { ...LISTED, dialBack: [failed('name-not-resolved')] },
  ADDRESS_NAME_PRIVATE: { ...LISTED, dialBack: [failed('private-name')] },
  ADDRESS_NO_FAMILY: { ...LISTED, dialBack: [failed('no-family')] },
  ADDRESS_NO_ROUTE: { ...LISTED, dialBack: [failed('no-route')] },
  ADDRESS_OF_ANOTHER_PEER: { ...LISTED, dialBack: [failed('wrong-peer-id')] },
  ADDRESS_OF_OBSERVER: { ...LISTED, dialBack: [failed('own-address')] },
  ADDRESS_SILENT: { ...LISTED, dialBack: [failed('silent')] },
  ADDRESS_NOT_LIBP2P: { ...LISTED, dialBack: [failed('not-libp2p')] },
  ADDRESS_OTHER_TRANSPORT: { ...LISTED, kept: ['/ip4/11.0.0.12/udp/3000/quic-v1'] },
  ADDRESS_DENIED: { ...LISTED, dialBack: [failed('denied')] },
  ADDRESS_UNREACHABLE: { ...LISTED, dialBack: [failed('other')] },
  NOT_DIALLED_BACK: LISTED,
}

function rungOf(observation: Observation): number {
  return RUNGS.indexOf(judge(observation).rung)
}

describe('judge', () => {
  it('says how addresses of other transports failed where they were tried', () => {
    const quic = '/ip4/11.0.0.12/udp/3000/quic-v1'
    const { cause } = judge({ ...LISTED, kept: [quic], dialBack: [failed('timed-out', quic)] })
    assert.equal(cause, 'ADDRESS_TIMED_OUT')
  })

  for (const [cause, observation] of Object.entries(EXAMPLES)) {
    it(`reaches ${cause}`, () => {
      assert.equal(judge(observation).cause, cause)
    })
  }

  it('names on the top rung which addresses are dead', () => {
    const dead = { address: '/ip4/11.0.0.77/tcp/3000', ok: false, kind: 'timed-out' } as const
    const kept = [...LISTED.kept, dead.address]
    const alive = { address: LISTED.kept[0] ?? '', ok: true }
    const { cause, evidence } = judge({ ...LISTED, kept, dialBack: [alive, dead] })
    assert.equal(cause, null)
    assert.deepEqual(evidence, { dials: [alive, dead] })
    assert.equal(judge({ ...LISTED, dialBack: [alive] }).evidence, null)
  })

  it('gives exactly one cause, of the rung, on every rung but the top, and none there', () => {
    fc.assert(
      fc.property(anyObservation, (observation) => {
        const { rung, cause, evidence, remedy } = judge(observation)
        const isTop: boolean = rung === 'dialable'
        assert.equal(cause === null, isTop)
        const dead = evidence?.dials?.filter(({ ok }) => !ok).length ?? 0
        if (isTop) assert.deepEqual(Object.keys(evidence ?? {}), dead === 0 ? [] : ['dials'])
        else assert.notEqual(evidence, null)
        assert.equal(remedy === null, isTop)
        if (cause !== null) assert.equal<Rung>(CAUSES[cause].rung, rung)
      }),
      { numRuns: 2000 },
    )
  })

  it('says only what the API can carry', () => {
    fc.assert(
      fc.property(anyObservation, (observation) => {
        const sighting = judge(observation)
        assert.deepEqual(SightingSchema.parse(sighting), structuredClone(sighting))
      }),
      { numRuns: 1000 },
    )
  })

  it('puts no undefined values and no empty words into a remedy', () => {
    fc.assert(
      fc.property(anyObservation, (observation) => {
        const { remedy } = judge(observation)
        assert.doesNotMatch(`${remedy?.text ?? ''} ${remedy?.set ?? ''}`, /undefined|null|NaN/)
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with itself about connected, listed and dialable', () => {
    fc.assert(
      fc.property(anyObservation, (observation) => {
        const { rung, connected, listed, dialable } = judge(observation)
        assert.equal(connected, observation.connections.length > 0)
        assert.equal(listed, rung === 'listed' || rung === 'dialable')
        if (rung === 'dialable') assert.equal(dialable, true)
        if (rung === 'listed') assert.notEqual(dialable, true)
      }),
    )
  })

  it('never sinks when something good happens', () => {
    const better: ((observation: Observation) => Observation)[] = [
      (one) => ({ ...one, table: { ...one.table, listed: true } }),
      (one) => ({ ...one, connections: [...CONNECTED.connections, ...one.connections] }),
      (one) => ({ ...one, identify: { ...IDENTIFIED, staleRecord: false } }),
      (one) => ({ ...one, kept: [...CONNECTED.kept, ...one.kept] }),
      (one) => ({
        ...one,
        dialBack: [...one.kept.map((address) => ({ address, ok: true })), ...one.dialBack],
      }),
    ]
    fc.assert(
      fc.property(anyObservation, fc.constantFrom(...better), (observation, improve) => {
        const before = { ...observation, dials: [] }
        assert.ok(rungOf(improve(before)) >= rungOf(before))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes an address that works for the top rung, whatever the others do', () => {
    const kept = ['/ip4/11.0.0.12/tcp/3000', '/ip4/11.0.0.13/tcp/3000']
    const dialBack = [failed('refused'), { address: kept[1] ?? '', ok: true }]
    assert.equal(judge({ ...LISTED, kept, dialBack }).rung, 'dialable')
  })

  it('forgets dial-backs of addresses that the target has no more', () => {
    const dialBack = [{ address: '/ip4/11.0.0.99/tcp/3000', ok: true }]
    assert.equal(judge({ ...LISTED, dialBack }).cause, 'NOT_DIALLED_BACK')
  })

  it('blames the address that leads furthest', () => {
    const kept = ['/ip4/127.0.0.1/tcp/3000', '/ip4/10.2.0.10/tcp/3000']
    const dialBack = [
      failed('own-address', '/ip4/127.0.0.1/tcp/3000'),
      failed('timed-out', '/ip4/10.2.0.10/tcp/3000'),
    ]
    assert.equal(judge({ ...LISTED, kept, dialBack }).cause, 'ADDRESS_TIMED_OUT')
  })

  it('takes an ordinary dial that failed for a dial-back only while the target is not connected', () => {
    const dials = [failed('refused')]
    assert.equal(judge({ ...LISTED, dials }).cause, 'NOT_DIALLED_BACK')
    assert.equal(judge({ ...LISTED, dials, connections: [] }).cause, 'ADDRESS_REFUSED')
  })
})
