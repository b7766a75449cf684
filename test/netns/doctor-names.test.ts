import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Examined, OwnLoopback } from './own-loopback.ts'

const MAIN = join(import.meta.dirname, '../../node/main.ts')
const ID = '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns'
const OTHER = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const ADDRESS = `/ip4/127.0.0.1/tcp/3000/p2p/${ID}`
const ANY = ['--scope', 'any', '--dial-private', '--timeout', '5']

const named = (text: string): readonly [string, string] => ['TXT', `dnsaddr=${text}`]

const REFUSED = 5

const ZONE = {
  '_dnsaddr.example.org': [named(`/ip4/127.0.0.1/tcp/1/p2p/${OTHER}`), named(ADDRESS)],
  '_dnsaddr.nested.example.org': [named(`/dnsaddr/example.org/p2p/${ID}`)],
  '_dnsaddr.loop.example.org': [named('/dnsaddr/loop.example.org')],
  '_dnsaddr.other.example.org': [['TXT', 'v=spf1']],
  '_dnsaddr.refused.example.org': REFUSED,
  'refused.example.org': REFUSED,
  'home.example.org': [['A', '127.0.0.1']],
} as const

/** Says where the node listens once it has started. */
const NODE = `"$0" "$1" 2>&1 | while read -r line; do case "$line" in *'"started"'*) echo ${ADDRESS};; esac; done`

/** Examines `address` where names lead as `ZONE` says, and a kadlab node listens on loopback. */
async function examineThere(
  address: string,
  words: readonly string[] = ANY,
  env: Record<string, string> = {},
): Promise<Examined> {
  await using network = await OwnLoopback.start({ zone: ZONE })
  const settings = { LISTEN: '/ip4/127.0.0.1/tcp/3000', IDENTITY_SEED: '22'.repeat(32), ...env }
  const node = ['sh', '-c', NODE, process.execPath, MAIN]
  await using _peer = await network.start(node, settings)
  return await network.doctor(address, words)
}

describe('the doctor, and what a name server says', { timeout: 120_000 }, () => {
  for (const address of [
    '/dnsaddr/example.org',
    `/dnsaddr/example.org/p2p/${ID}`,
    '/dnsaddr/nested.example.org',
  ]) {
    it(`follows ${address} to the node, as bootstrap lists do`, async () => {
      const { diagnosis, status } = await examineThere(address, ANY, { ADDRESS_SCOPE: 'any' })
      assert.equal(diagnosis.peerId, ID, JSON.stringify(diagnosis))
      assert.equal(status, 0)
    })
  }

  for (const address of [
    '/dnsaddr/loop.example.org',
    '/dnsaddr/other.example.org',
    '/dnsaddr/refused.example.org',
    '/dnsaddr/nothing.example.org',
    '/dnsaddr/example.org/p2p/12D3KooWB53pLF14dsZEHjg9UbvBXfkAeJRjyRReVX4eDKtZgsGN',
    '/dns4/refused.example.org/tcp/3000',
    '/dns4/nothing.example.org/tcp/3000',
  ]) {
    it(`says of ${address} that the name leads nowhere`, async () => {
      const { diagnosis } = await examineThere(address)
      assert.equal(diagnosis.sighting.cause, 'NAME_NOT_RESOLVED', JSON.stringify(diagnosis))
    })
  }

  it('judges an announced name by what it leads to, and does not dial what is private unasked', async () => {
    const env = { ANNOUNCE: '/dns4/home.example.org/tcp/3000' }
    const { diagnosis } = await examineThere(ADDRESS, [], env)
    assert.deepEqual(
      diagnosis.announced?.map(({ address, state }) => [address, state]),
      [[env.ANNOUNCE, 'unverified']],
    )
    const back = diagnosis.checks.find(({ name }) => name === 'dial-back')
    assert.deepEqual(
      [back?.ok, back?.detail],
      [null, '1 not tried (1 of a name that leads to private addresses)'],
    )
    assert.equal(diagnosis.sighting.cause, 'ADDRESS_NAME_PRIVATE')
    assert.match(diagnosis.sighting.remedy?.text ?? '', /home\.example\.org.*saw 127\.0\.0\.1/)
    const asked = await examineThere(ADDRESS, ['--dial-private'], env)
    assert.equal(asked.status, 0, JSON.stringify(asked.diagnosis))
  })
})
