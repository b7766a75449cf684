import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { missingGo } from './go-kv.ts'
import { startKubo, type KuboSettings } from './kubo.ts'
import type { Examined } from './own-loopback.ts'

const ANY = ['--scope', 'any', '--dial-private']
const SERVER = { 'Routing.Type': '"dhtserver"' }
const PUBLIC = '11.0.0.5'

async function examineKubo(
  settings: KuboSettings,
  words: readonly string[] = ANY,
): Promise<Examined> {
  await using kubo = await startKubo(settings)
  return await kubo.network.doctor(kubo.address, words)
}

function detailOf({ diagnosis }: Examined, check: string): string {
  return diagnosis.checks.find(({ name }) => name === check)?.detail ?? ''
}

describe('the doctor, at a kubo daemon', { timeout: 900_000 }, () => {
  const about = { skip: missingGo ?? false }

  it(
    'knows it, and says of one as it comes that it is a client, with what to type',
    about,
    async () => {
      const found = await examineKubo({})
      const { agent, implementation, sighting } = found.diagnosis
      assert.match(agent ?? '', /^kubo\//)
      assert.equal(implementation, 'kubo')
      assert.equal(sighting.cause, 'CLIENT_MODE')
      assert.equal(sighting.remedy?.set, 'ipfs config Routing.Type dhtserver')
      assert.match(detailOf(found, 'kademlia'), /it offers \/ipfs\/lan\/kad\/1\.0\.0/)
      assert.equal(found.status, 1)
    },
  )

  it('finds it healthy once that was done', about, async () => {
    await using kubo = await startKubo({})
    const { diagnosis } = await kubo.network.doctor(kubo.address, ANY)
    const [program, ...words] = (diagnosis.sighting.remedy?.set ?? '').split(' ')
    assert.equal(program, 'ipfs')
    await kubo.ipfs(...words)
    assert.equal(await kubo.ipfs('config', 'Routing.Type'), 'dhtserver\n')
    const found = await examineKubo({ config: SERVER })
    assert.equal(found.diagnosis.healthy, true, JSON.stringify(found.diagnosis.checks))
    assert.equal(found.status, 0)
  })

  it('knows that it speaks no other protocol, so that the observer must', about, async () => {
    const { diagnosis } = await examineKubo({ config: SERVER }, [
      ...ANY,
      '--protocol',
      '/x/kad/1.0.0',
    ])
    const { cause, remedy } = diagnosis.sighting
    assert.equal(cause, 'PROTOCOL_MISMATCH')
    assert.match(remedy?.text ?? '', /KAD_PROTOCOL=\/ipfs\/kad\/1\.0\.0 on the observer, for kubo/)
    assert.match(
      remedy?.text ?? '',
      /the target \/ipfs\/kad\/1\.0\.0 and \/ipfs\/lan\/kad\/1\.0\.0/,
    )
  })

  it(
    'tries every address that it announces at a public one, but for what nobody here speaks',
    about,
    async () => {
      const listens = [
        'tcp/4001',
        'udp/4001/quic-v1',
        'udp/4001/quic-v1/webtransport',
        'tcp/4002/ws',
      ]
      await using kubo = await startKubo(
        {
          config: {
            ...SERVER,
            'Addresses.Swarm': JSON.stringify(listens.map((each) => `/ip4/0.0.0.0/${each}`)),
            'Addresses.AppendAnnounce': JSON.stringify([`/ip4/${PUBLIC}/tcp/1`]),
          },
        },
        [PUBLIC],
      )
      const { diagnosis, status } = await kubo.network.doctor(`/ip4/${PUBLIC}/tcp/4001`)
      const states = (diagnosis.announced ?? []).map(({ address, state, otherTransport }) => [
        address.replace(/\/certhash\/.*/, ''),
        otherTransport ?? state,
      ])
      assert.deepEqual(Object.fromEntries(states), {
        [`/ip4/${PUBLIC}/tcp/4001`]: 'confirmed',
        [`/ip4/${PUBLIC}/tcp/4002/ws`]: 'confirmed',
        [`/ip4/${PUBLIC}/udp/4001/quic-v1`]: 'confirmed',
        [`/ip4/${PUBLIC}/udp/4001/quic-v1/webtransport`]: 'WebTransport',
        [`/ip4/${PUBLIC}/tcp/1`]: 'unreachable',
      })
      assert.equal(
        detailOf({ diagnosis, status }, 'dial-back'),
        '3 of 4 announced addresses lead to it; 1 is dead, which others try in vain; 1 not tried (1 WebTransport)',
      )
      assert.equal(status, 0)
    },
  )

  it('names its private network', about, async () => {
    const swarmKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'5a'.repeat(32)}\n`
    const { diagnosis } = await examineKubo({ swarmKey })
    assert.equal(diagnosis.sighting.cause, 'PRIVATE_NETWORK')
    assert.deepEqual(
      diagnosis.checks.map(({ name, ok }) => [name, ok]),
      [
        ['dial', true],
        ['handshake', false],
      ],
    )
  })

  it('says of one that is stopped that it says nothing', about, async () => {
    await using kubo = await startKubo({})
    await kubo.network.freeze()
    const { diagnosis } = await kubo.network.doctor(kubo.address, ['--timeout', '3'])
    assert.equal(diagnosis.sighting.cause, 'CONNECTION_SILENT')
    assert.equal(diagnosis.checks[0]?.ok, true)
  })

  it('asks for a public address in its words where it announces none', about, async () => {
    const { diagnosis } = await examineKubo({ config: SERVER }, [])
    assert.equal(diagnosis.sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.match(diagnosis.sighting.remedy?.text ?? '', /\(Addresses\.AppendAnnounce\)/)
  })
})
