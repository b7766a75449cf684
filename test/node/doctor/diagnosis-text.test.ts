import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clusterText } from '#node/doctor/cluster-text.ts'
import { diagnosisText } from '#node/doctor/diagnosis-text.ts'
import type { AnnouncedAddress, Diagnosis } from '#node/doctor/diagnosis.ts'

const PEER = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'

function announced(host: string, isDead: boolean): AnnouncedAddress {
  const address = `/ip4/${host}/tcp/3000`
  return {
    address,
    state: isDead ? 'unreachable' : 'confirmed',
    sources: ['identify', 'dial-back'],
    reach: 'public',
    kept: true,
    otherTransport: null,
    dial: isDead ? { address, ok: false, kind: 'timed-out' } : { address, ok: true },
  }
}

/** A healthy peer that announces so many dead addresses beside its own. */
function healthyBeside(dead: number): Diagnosis {
  const all = [
    announced('11.0.0.12', false),
    ...Array.from({ length: dead }, (_, index) => announced(`11.0.0.${index + 100}`, true)),
  ]
  return {
    schema: 'kadlab.doctor/1',
    address: '/ip4/11.0.0.12/tcp/3000',
    healthy: true,
    peerId: PEER,
    agent: 'kadlab/1',
    implementation: 'kadlab',
    checks: [
      { name: 'dial', ok: true, detail: 'it answers' },
      { name: 'dial-back', ok: true, detail: `1 of ${dead + 1} leads to it` },
    ],
    announced: all,
    sighting: {
      peerId: PEER,
      rung: 'dialable',
      connected: true,
      listed: true,
      dialable: true,
      announced: all.map(({ address }) => address),
      cause: null,
      evidence: null,
      remedy: null,
    },
  }
}

function markOf(text: string, start: string): string | undefined {
  const line = text.split('\n').find((each) => each.trim().slice(2).startsWith(start))
  return line?.trim()[0]
}

describe('a diagnosis for people', () => {
  it('has no bare ✔ for a peer of which addresses are dead, and says what to do', () => {
    const text = diagnosisText(healthyBeside(20))
    assert.equal(markOf(text, 'dial '), '✔')
    assert.equal(markOf(text, 'dial-back'), '!')
    assert.equal(markOf(text, 'healthy'), '!')
    assert.match(text, /healthy: .*, but 20 of its 21 addresses are dead/)
    assert.match(text, /announce them no longer/)
    assert.match(diagnosisText(healthyBeside(1)), /but 1 of its 2 addresses is dead/)
  })

  it('has a ✔ where all lead to it', () => {
    const text = diagnosisText(healthyBeside(0))
    assert.equal(markOf(text, 'dial-back'), '✔')
    assert.equal(markOf(text, 'healthy'), '✔')
    assert.doesNotMatch(text, /dead/)
  })

  it('says so in the table of a cluster too', () => {
    const text = clusterText({
      schema: 'kadlab.doctor-cluster/1',
      name: 'two',
      healthy: true,
      hosts: [
        { name: 'a', diagnosis: healthyBeside(20), release: null, advice: null },
        { name: 'b', diagnosis: healthyBeside(0), release: null, advice: null },
      ],
      listings: [],
    })
    assert.match(text, /! a +dialable, 20 dead\n/)
    assert.match(text, /✔ b +dialable\n/)
  })
})
