import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import { visibleJson } from '#node/base/visible.ts'
import { parseConfig } from '#node/config/config.ts'
import { DiagnosisSchema } from '#node/doctor/diagnosis-schema.ts'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { type ExamineOptions, examine } from '#node/doctor/examine.ts'
import { createNode } from '#node/node.ts'
import { systemClock } from '#node/time/clock.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { simTransport } from '#orchestrator/fabric/sim/transport.ts'
import { cloudNat, labPlan, sitePlan } from '../../orchestrator/fabric/sim/plans.ts'

const PRIVATE = '10.0.0.4'
const PUBLIC = '11.0.0.12'
const ADDRESS = `/ip4/${PUBLIC}/tcp/3000`
/** For what nobody answers. */
const SILENCE = { timeoutMs: 3000 }
const OPTIONS: ExamineOptions = {
  protocol: '/ipfs/kad/1.0.0',
  scope: 'public',
  dialPrivate: false,
  timeoutMs: 20_000,
}

/** Examines a node on a simulated cloud VM from a stranger's host on the internet. No socket is opened. */
async function examineVm(
  env: Record<string, string>,
  { address = ADDRESS, ...options }: Partial<ExamineOptions> & { address?: string } = {},
): Promise<Diagnosis> {
  const nat = cloudNat({ private: PRIVATE, public: PUBLIC })
  const internet = new SimInternet(labPlan([sitePlan('vm', PUBLIC, nat)]), { clock: systemClock })
  const host = internet.addHost({
    name: 'vm',
    network: 'vm',
    address: PRIVATE,
    gateway: '10.0.0.1',
  })
  const stranger = internet.addHost({
    name: 'stranger',
    network: 'internet',
    address: '11.0.0.77',
    gateway: null,
  })
  const seed = { IDENTITY_SEED: '22'.repeat(32) }
  await using node = await createNode(parseConfig({ ...seed, ...env }), {
    log: silentLog,
    transport: simTransport(host),
  })
  try {
    await node.start()
    const transport = simTransport(stranger)
    const diagnosis = await examine(address, { ...OPTIONS, ...options }, { transport })
    // Whatever is found, scripts are told it in the form that they were promised.
    assert.deepEqual(DiagnosisSchema.parse(JSON.parse(visibleJson(diagnosis))), diagnosis)
    return diagnosis
  } finally {
    await node.stop()
    internet.stop()
  }
}

const outcomes = ({ checks }: Diagnosis): Record<string, boolean | null> =>
  Object.fromEntries(checks.map(({ name, ok }) => [name, ok]))

describe('the doctor', () => {
  it('finds a peer that announces its public address healthy', async () => {
    const diagnosis = await examineVm({ PUBLIC_IP: PUBLIC })
    const durationMs = diagnosis.announced?.[0]?.dial?.durationMs ?? -1
    assert.ok(durationMs >= 0)
    assert.deepEqual(diagnosis.announced, [
      {
        address: ADDRESS,
        state: 'confirmed',
        sources: ['identify', 'dial', 'dial-back'],
        reach: 'public',
        kept: true,
        otherTransport: null,
        dial: { address: ADDRESS, ok: true, durationMs },
      },
    ])
    assert.equal(diagnosis.healthy, true, JSON.stringify(diagnosis, null, 1))
    assert.equal(diagnosis.implementation, 'kadlab')
    assert.ok(Object.values(outcomes(diagnosis)).every((ok) => ok === true))
  })

  it('names the cause and the value to set where a peer announces its private address alone', async () => {
    const diagnosis = await examineVm({})
    assert.equal(diagnosis.healthy, false)
    assert.equal(diagnosis.sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.equal(diagnosis.sighting.remedy?.set, `PUBLIC_IP=${PUBLIC}`)
  })

  it('judges a private address that a stranger announces, and does not dial it', async () => {
    const { announced } = await examineVm({})
    assert.deepEqual(announced, [
      {
        address: `/ip4/${PRIVATE}/tcp/3000`,
        state: 'unverified',
        sources: ['identify'],
        reach: 'private',
        kept: false,
        otherTransport: null,
        dial: null,
      },
    ])
  })

  it('dials private addresses where it is told to', async () => {
    const { announced } = await examineVm({}, { dialPrivate: true, ...SILENCE })
    assert.equal(announced?.[0]?.dial?.ok, false)
  })

  it('tells a client by the Kademlia that it does not offer', async () => {
    const diagnosis = await examineVm({ PUBLIC_IP: PUBLIC, KAD_MODE: 'client' })
    assert.equal(diagnosis.sighting.cause, 'CLIENT_MODE')
    assert.equal(outcomes(diagnosis)['kademlia'], false)
  })

  it('tells an announced address that leads nowhere', async () => {
    const diagnosis = await examineVm({ ANNOUNCE: '/ip4/11.0.0.99/tcp/3000' }, SILENCE)
    assert.equal(diagnosis.healthy, false)
    assert.equal(diagnosis.sighting.rung, 'listed')
    assert.equal(diagnosis.announced?.[0]?.dial?.ok, false)
  })

  it('tells that nothing answers at an address', async () => {
    const diagnosis = await examineVm({}, { address: `/ip4/${PUBLIC}/tcp/3999`, ...SILENCE })
    assert.equal(diagnosis.peerId, null)
    assert.equal(diagnosis.announced, null)
    assert.equal(diagnosis.sighting.cause, 'DIAL_TIMED_OUT')
    assert.deepEqual(outcomes(diagnosis), { dial: false })
  })

  it('tells that another peer answers', async () => {
    const other = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
    const diagnosis = await examineVm({}, { address: `${ADDRESS}/p2p/${other}` })
    assert.equal(diagnosis.sighting.cause, 'WRONG_PEER_ID')
    assert.deepEqual(outcomes(diagnosis), { dial: true, handshake: false })
  })

  it('says who answers in the place of another, with the address to paste', async () => {
    const other = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
    const { checks, sighting } = await examineVm({}, { address: `${ADDRESS}/p2p/${other}` })
    assert.match(checks[1]?.detail ?? '', /^it is 12D3Koo/)
    assert.match(
      sighting.remedy?.set ?? '',
      /^BOOTSTRAP=\/ip4\/11\.0\.0\.12\/tcp\/3000\/p2p\/12D3KooWLdJ/,
    )
  })

  it('takes nobody for a peer whose id is a hash, of which no key is known', async () => {
    const hash = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
    const found = await examineVm({ PUBLIC_IP: PUBLIC }, { address: `${ADDRESS}/p2p/${hash}` })
    assert.equal(found.sighting.cause, 'WRONG_PEER_ID', JSON.stringify(found.checks))
    assert.deepEqual(outcomes(found), { dial: true, handshake: false })
    assert.match(found.checks[1]?.detail ?? '', /^it is 12D3KooWLdJ/)
  })

  it('takes a peer id in the spelling of a CID for the same', async () => {
    const cid = 'bafzaajaiaejcbuckwizhik5uvm5bg2f5iyk6jzwqejflogqbnoxykifdglexpbzx'
    const { sighting } = await examineVm({}, { address: `${ADDRESS}/p2p/${cid}` })
    assert.equal(sighting.peerId, '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz')
  })

  it('tries all that a peer announces at once', async () => {
    const dead = Array.from({ length: 20 }, (_, index) => `/ip4/11.0.0.${index + 100}/tcp/3000`)
    const startedAt = performance.now()
    const diagnosis = await examineVm(
      { ANNOUNCE: [ADDRESS, ...dead].join(',') },
      { timeoutMs: 4000 },
    )
    assert.ok(performance.now() - startedAt < 15_000)
    const detail = diagnosis.checks.find(({ name }) => name === 'dial-back')?.detail
    assert.match(detail ?? '', /^1 of 21 announced addresses leads to it; 20 are dead/)
  })

  it('gives up when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(examineVm({}, { signal }), { message: 'enough' })
  })
})
