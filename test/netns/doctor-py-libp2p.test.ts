import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { examine, type ExamineOptions } from '#node/doctor/examine.ts'
import { missingPython, startPy } from './py-kv.ts'

const OPTIONS: ExamineOptions = {
  protocol: '/ipfs/kad/1.0.0',
  scope: 'any',
  dialPrivate: true,
  timeoutMs: 20_000,
}

/** Examines a py-libp2p peer with these settings. */
async function examinePy(
  env: Record<string, string>,
  options: Partial<ExamineOptions> = {},
): Promise<Diagnosis> {
  await using peer = await startPy(env)
  return await examine(peer.address, { ...OPTIONS, ...options })
}

describe('the doctor, at a py-libp2p peer', () => {
  const about = { skip: missingPython ?? false, timeout: 600_000 }

  it('finds a server healthy, and knows whom it meets', about, async () => {
    const { healthy, implementation, checks } = await examinePy({})
    assert.equal(healthy, true, JSON.stringify(checks))
    assert.equal(implementation, 'py')
  })

  it('finds what it announces dead where nobody listens, in whole sentences', about, async () => {
    const { sighting, checks } = await examinePy({ ANNOUNCE: '/ip4/127.0.0.1/tcp/1' })
    assert.equal(sighting.cause, 'ADDRESS_REFUSED')
    const detail = checks.find(({ name }) => name === 'dial-back')?.detail
    assert.equal(detail, '0 of 1 announced address leads to it')
  })

  it('names a client in the words of py-libp2p', about, async () => {
    const { sighting } = await examinePy({ KAD_MODE: 'client' })
    assert.equal(sighting.cause, 'CLIENT_MODE')
    assert.match(sighting.remedy?.text ?? '', /`KadDHT\(host, DHTMode\.SERVER\)`/)
  })

  it('knows that it speaks no other protocol, so that the observer must', about, async () => {
    const { sighting } = await examinePy({}, { protocol: '/x/kad/1.0.0' })
    assert.equal(sighting.cause, 'PROTOCOL_MISMATCH')
    assert.equal(
      sighting.remedy?.text,
      'Use KAD_PROTOCOL=/ipfs/kad/1.0.0 on the observer, for py-libp2p speaks no other: the observer speaks /x/kad/1.0.0, the target /ipfs/kad/1.0.0.',
    )
  })

  it('asks for a public address in its words where it announces none', about, async () => {
    const { sighting } = await examinePy({}, { scope: 'public', dialPrivate: false })
    assert.equal(sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.match(sighting.remedy?.text ?? '', /`announce_addrs` of `new_host`/)
  })
})
