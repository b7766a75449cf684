import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { otherTransportOf } from '#node/judgement/multiaddr-facts.ts'
import { heliaProgram } from './helia-kv.ts'
import { type Examined, OwnLoopback } from './own-loopback.ts'

const ANY = ['--scope', 'any', '--dial-private']

/** An address through somebody else. */
const RELAYED =
  '/ip4/11.0.0.9/tcp/4001/p2p/12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz/p2p-circuit'

/** What becomes of the kinds of addresses that a helia node announces. */
const FOUND = [
  'TCP confirmed',
  'TCP unreachable',
  'WebSocket confirmed',
  'WebRTC unverified',
  'relay unverified',
]

/** Examines a helia node with these settings, in a network of its own. */
async function examineHelia(
  env: Record<string, string>,
  words: readonly string[] = ANY,
): Promise<Examined> {
  const program = await heliaProgram()
  await using network = await OwnLoopback.start()
  await using peer = await network.start(program, env)
  return await network.doctor(peer.address, words)
}

describe('the doctor, at a helia node', { timeout: 600_000 }, () => {
  it('knows it, and says of one as it comes that it is a client', async () => {
    const { diagnosis, status } = await examineHelia({})
    assert.match(diagnosis.agent ?? '', /^helia\/7/)
    assert.equal(diagnosis.implementation, 'js')
    assert.equal(diagnosis.sighting.cause, 'CLIENT_MODE')
    assert.match(diagnosis.sighting.remedy?.text ?? '', /`kadDHT\(\{ clientMode: false \}\)`/)
    assert.equal(status, 1)
  })

  it('finds a server healthy, and tries what it speaks of what helia listens on', async () => {
    const env = { KAD_MODE: 'server', ANNOUNCE: `/ip4/127.0.0.1/tcp/1,${RELAYED}` }
    const { diagnosis, status } = await examineHelia(env)
    const found = (diagnosis.announced ?? []).map(({ address, state, otherTransport }) =>
      [otherTransport ?? otherTransportOf(address) ?? 'TCP', state].join(' '),
    )
    assert.deepEqual(new Set(found), new Set(FOUND))
    const detail = diagnosis.checks.find(({ name }) => name === 'dial-back')?.detail
    assert.equal(
      detail,
      '4 of 5 announced addresses lead to it; 1 is dead, which others try in vain; 3 not tried (2 WebRTC, 1 relay)',
    )
    assert.equal(diagnosis.healthy, true)
    assert.equal(status, 0)
  })

  it('names another protocol in the words of js-libp2p', async () => {
    const env = { KAD_MODE: 'server', KAD_PROTOCOL: '/x/kad/1.0.0' }
    const { diagnosis } = await examineHelia(env)
    assert.equal(diagnosis.sighting.cause, 'PROTOCOL_MISMATCH')
    assert.match(
      diagnosis.sighting.remedy?.text ?? '',
      /`kadDHT\(\{ protocol: '\/ipfs\/kad\/1\.0\.0' \}\)`: .*the target \/x\/kad\/1\.0\.0/,
    )
  })
})
