import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { examine, type ExamineOptions } from '#node/doctor/examine.ts'
import { missingLite, startLite } from './lite-kv.ts'

const OPTIONS: ExamineOptions = {
  protocol: '/ipfs/kad/1.0.0',
  scope: 'any',
  dialPrivate: true,
  timeoutMs: 20_000,
}

/** Examines a litep2p peer with these settings. */
async function examineLite(
  env: Record<string, string>,
  options: Partial<ExamineOptions> = {},
): Promise<Diagnosis> {
  await using peer = await startLite(env)
  return await examine(peer.address, { ...OPTIONS, ...options })
}

function detailOf({ checks }: Diagnosis, check: string): string {
  return checks.find(({ name }) => name === check)?.detail ?? ''
}

describe('the doctor, at a litep2p peer', () => {
  const about = { skip: missingLite ?? false, timeout: 600_000 }

  it(
    'finds a server healthy, and counts an address once that is announced in two spellings',
    about,
    async () => {
      const found = await examineLite({})
      assert.equal(found.healthy, true, JSON.stringify(found.checks))
      assert.equal(found.implementation, 'litep2p')
      assert.equal(found.announced?.length, 1)
      assert.equal(detailOf(found, 'dial-back'), '1 of 1 announced address leads to it')
    },
  )

  it('finds a dead address beside one that works', about, async () => {
    const { announced, healthy } = await examineLite({ ANNOUNCE: '/ip4/127.0.0.1/tcp/1' })
    const states = announced?.map(({ state }) => state).toSorted((a, b) => a.localeCompare(b))
    assert.deepEqual(states, ['confirmed', 'unreachable'])
    assert.equal(healthy, true)
  })

  for (const [title, env, cause, words] of [
    [
      'a client',
      { KAD_MODE: 'client' },
      'CLIENT_MODE',
      /kademlia::ConfigBuilder::new\(\)\.with_mode\(KademliaMode::Server\)/,
    ],
    [
      'another protocol',
      { KAD_PROTOCOL: '/x/kad/1.0.0' },
      'PROTOCOL_MISMATCH',
      /with_protocol_names\(vec!\["\/ipfs\/kad\/1\.0\.0"\.into\(\)\]\)`: .*the target \/x\/kad\/1\.0\.0/,
    ],
    ['no ping', { PING: 'no' }, 'PING_UNSUPPORTED', /ConfigBuilder::with_libp2p_ping/],
    ['no identify', { IDENTIFY: 'no' }, 'IDENTIFY_FAILED', /identify/],
  ] as const) {
    it(
      `names ${title}, in the words of litep2p as far as it knows whom it meets`,
      about,
      async () => {
        const { sighting, healthy } = await examineLite(env)
        assert.equal(sighting.cause, cause)
        assert.match(sighting.remedy?.text ?? '', words)
        assert.equal(healthy, false)
      },
    )
  }

  it('says of one without identify that it serves Kademlia all the same', about, async () => {
    const found = await examineLite({ IDENTIFY: 'no' })
    const served = found.checks.filter(({ ok }) => ok === true).map(({ name }) => name)
    assert.deepEqual(served, ['dial', 'handshake', 'kademlia', 'ping'])
  })

  it('asks for a public address in its words where it announces none', about, async () => {
    const { sighting } = await examineLite({}, { scope: 'public', dialPrivate: false })
    assert.equal(sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.match(sighting.remedy?.text ?? '', /public_addresses\(\)\.add_address/)
    assert.match(sighting.remedy?.text ?? '', /ask from another machine/)
  })
})
