import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { serveHttp } from '#node/api/http/serve.ts'
import type { NodeStatus } from '#node/api/node-api.ts'
import type { ClusterDiagnosis } from '#node/doctor/cluster.ts'
import { runDoctor } from '#node/doctor/command.ts'
import type { OwnSide } from '#node/doctor/own-side.ts'
import type { ExamineComponents } from '#node/doctor/stranger.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'
import { addressOf, createLoopbackNode } from '#test/node/loopback-node.ts'
import { listEachOther } from '#test/support/node-events.ts'

const PEER = '12D3KooWB53pLF14dsZEHjg9UbvBXfkAeJRjyRReVX4eDKtZgsGN'

/** A port of loopback where nobody listens: refused at once. */
const CLOSED = '/ip4/127.0.0.1/tcp/1'

const ANNOUNCING: NodeStatus = { ...FAKE_STATUS, announced: ['/ip4/11.0.0.12/tcp/3000'] }

async function run(
  words: string[],
  env: Record<string, string> = {},
  components: ExamineComponents = {},
): Promise<{ status: number; output: string; errors: string }> {
  const output = new PassThrough({ encoding: 'utf8' })
  const errors = new PassThrough({ encoding: 'utf8' })
  const status = await runDoctor(words, { env, output, errors }, components)
  return { status, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') }
}

describe('the doctor on the command line', () => {
  it('ends with status 1 where nobody answers, and says why', async () => {
    const { status, output } = await run([CLOSED])
    assert.equal(status, 1)
    assert.match(output, /DIAL_REFUSED/)
    assert.match(output, /not healthy/)
  })

  it('prints JSON and nothing else where it is asked to', async () => {
    const { status, output } = await run([CLOSED, '--json'])
    assert.equal(status, 1)
    assert.equal((JSON.parse(output) as { schema: string }).schema, 'kadlab.doctor/1')
  })

  it('examines a peer of a private network with its key, and takes no other file for one', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const SWARM_KEY_FILE = join(dir.path, 'swarm.key')
    await writeFile(SWARM_KEY_FILE, `/key/swarm/psk/1.0.0/\n/base16/\n${'ab'.repeat(32)}\n`)
    await using node = await createLoopbackNode(1, { SWARM_KEY_FILE })
    await node.start()
    const words = [await addressOf(node), '--scope', 'any', '--dial-private', '--timeout', '2']
    const insider = await run(words, { SWARM_KEY_FILE })
    assert.deepEqual([insider.status, insider.errors], [0, ''], insider.output)
    const stranger = await run(words)
    assert.equal(stranger.status, 1)
    assert.match(stranger.output, /PRIVATE_NETWORK/)
    const misled = await run(words, { SWARM_KEY_FILE: dir.path })
    assert.equal(misled.status, 2)
    assert.match(misled.errors, /swarm key .* cannot be read/)
  })

  for (const [words, expected] of [
    [[], /expected a multiaddr, or API_LISTEN/],
    [['--self', '--via', CLOSED], /--self with two peers at least.*saw 1 peers/],
    [['--via', CLOSED, '--via', CLOSED], /and no --self/],
    [['--self', '--via', CLOSED, '--via', CLOSED, CLOSED], /nothing else to examine/],
    [[CLOSED, '--watch', '0'], /--watch: expected seconds above 0/],
    [[CLOSED, CLOSED, 'x'], /expected a multiaddr/],
    [['11.0.0.11'], /expected a multiaddr/],
    [['/ip4/11.0.0.11'], /with a TCP port/],
    [[`${CLOSED}/ws/tcp/1`], /over plain TCP or QUIC or WebSocket/],
    [['/ip4/127.0.0.1/tcp/0/ws'], /a port above 0/],
    [['/ip4/127.0.0.1/udp/0/quic-v1'], /a port above 0/],
    [['/ip4/127.0.0.1/udp/3000/quic-v1/p2p/notapeer'], /expected a peer id behind/],
    [['/ip4/127.0.0.1/tcp/0'], /a port above 0/],
    [[`${CLOSED}/p2p/notapeer`], /expected a peer id behind \/p2p\/, saw notapeer/],
    [[`${CLOSED}/p2p/${PEER}/p2p-circuit`], /over plain TCP/],
    [['/ip4/127.0.0.1/udp/3000/quic'], /over plain TCP/],
    [
      ['--self', '--via', CLOSED, '--via', '/ip4/127.0.0.1/udp/3000/quic-v1'],
      /over plain TCP, saw/,
    ],
    [[CLOSED, '--scope', 'all'], /--scope: expected public, private, any, saw all/],
    [[CLOSED, '--timeout', '0'], /--timeout/],
    [[CLOSED, '--colour'], /--colour/],
  ] as const) {
    it(`refuses "${words.join(' ')}" with status 2`, async () => {
      const { status, errors } = await run([...words])
      assert.equal(status, 2)
      assert.match(errors, expected)
    })
  }

  for (const [address, name, error] of [
    ['/ip4/127.0.0.1/udp/1/quic-v1', '@chainsafe/libp2p-quic', /DIAL_TIMED_OUT/],
    [`${CLOSED}/ws`, '@libp2p/websockets', /DIAL_REFUSED/],
  ] as const) {
    it(`dials ${address} where ${name} is installed, and asks for it where not`, async () => {
      const { status, output } = await run([address, '--timeout', '1'])
      assert.equal(status, 1)
      assert.match(output, error)
      const without = await run([address], {}, { others: [] })
      assert.equal(without.status, 2)
      assert.match(without.errors, new RegExp(`over plain TCP, saw .* install ${name} beside`))
    })
  }

  it('asks the node of this container where no peer is named', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-doctor-'))
    const listen = { path: join(folder.path, 'api.sock') }
    const env = { API_LISTEN: listen.path, PEER_NAMES: `B=${PEER}` }
    const judged: unknown[] = []
    const [sighting] = await createFakeApi().discovery({ targets: [PEER] })
    assert.ok(sighting)
    const sightings = [sighting]
    const api = createFakeApi({
      status: async () => ANNOUNCING,
      discovery: async (options) => {
        judged.push(options?.dialBack)
        return sightings
      },
    })
    await using _face = await serveHttp(api, { listen, metrics: null })
    const ill = await run([], env)
    assert.equal(ill.status, 1)
    assert.match(ill.output, /^B at .*: speaks-kademlia, ONLY_PRIVATE_ADDRESSES$/m)
    assert.match(ill.output, /^ {2}remedy {4}PUBLIC_IP=11\.0\.0\.12 on B$/m)
    assert.deepEqual(judged, [true])
    const json = await run(['--json'], env)
    assert.deepEqual(JSON.parse(json.output), sightings)
    sightings.splice(0, 1, { ...sighting, rung: 'identified', cause: 'CLIENT_MODE' })
    const well = await run([], env)
    assert.equal(well.status, 0, well.output)
  })

  it('ends with status 1 where the node of this container is itself what is wrong', async () => {
    const ill: readonly [Partial<NodeStatus>, number, RegExp][] = [
      [{ ready: false, waitingFor: ['a bootstrap peer'] }, 1, /this node: not ready: a bootstrap/],
      [{ announced: [] }, 1, /this node: it announces nothing.*set PUBLIC_IP/],
      [{ announced: ['/ip4/10.0.0.4/tcp/3000'] }, 1, /announces only \/ip4\/10\.0\.0\.4/],
      [{}, 0, /this node: it is connected to nobody/],
    ]
    for (const [status, heardOf, expected] of ill) {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-doctor-'))
      const listen = { path: join(folder.path, 'api.sock') }
      const fake = createFakeApi()
      const [sighting] = await fake.discovery({ targets: [PEER] })
      assert.ok(sighting)
      const healthy: Sighting = { ...sighting, rung: 'dialable', cause: null, remedy: null }
      const api = createFakeApi({
        status: async () => ({ ...ANNOUNCING, ...status }),
        discovery: async () => (heardOf === 0 ? [] : [healthy]),
      })
      await using _face = await serveHttp(api, { listen, metrics: null })
      const seen = await run([], { API_LISTEN: listen.path })
      assert.match(seen.output, expected)
      assert.equal(seen.status, 1)
    }
  })

  it('notices a flag that npm kept for itself', async () => {
    const env = { npm_lifecycle_event: 'doctor', npm_config_json: 'true' }
    const { status, errors } = await run([CLOSED], env)
    assert.equal(status, 2)
    assert.match(errors, /npm run doctor -- <multiaddr> --json/)
  })

  it('asks several peers which of the others they list', async () => {
    await using a = await createLoopbackNode(1)
    await a.start()
    await using b = await createLoopbackNode(2, { BOOTSTRAP: await addressOf(a) })
    await b.start()
    await listEachOther(a, b)
    await using c = await createLoopbackNode(3)
    await c.start()
    const words = await Promise.all([a, b, c].map(addressOf))
    const env = { PEER_NAMES: `A=${a.peerId},B=${b.peerId}` }
    const flags = ['--scope', 'any', '--dial-private']
    const { status, output } = await run([...words, ...flags], env)
    assert.equal(status, 1)
    assert.match(output, /peers: 3 hosts as seen from here/)
    assert.match(output, /A does not list 127\.0\.0\.1:\d+/)
    const json = await run([...words, ...flags, '--json'], env)
    const { hosts, listings } = JSON.parse(json.output) as ClusterDiagnosis
    const [, , third] = hosts.map(({ name }) => name)
    assert.deepEqual(
      listings.map(({ observer, target, listed }) => [observer, target, listed]),
      [
        ['A', 'B', true],
        ['A', third, false],
        ['B', 'A', true],
        ['B', third, false],
        [third, 'A', false],
        [third, 'B', false],
      ],
    )
  })

  it('says what NAT this side is behind by what peers see of it', async () => {
    await using a = await createLoopbackNode(1)
    await a.start()
    await using b = await createLoopbackNode(2)
    await b.start()
    const vias = ['--via', await addressOf(a), '--via', await addressOf(b)]
    const { status, output } = await run(['--self', ...vias])
    assert.equal(status, 0, output)
    assert.match(output, /127\.0\.0\.1:\d+ is seen as 127\.0\.0\.1:\d+/)
    assert.match(output, /mapping {3}none/)
    const json = await run(['--self', ...vias, '--via', CLOSED, '--json'])
    assert.equal(json.status, 0)
    const side = JSON.parse(json.output) as OwnSide
    assert.deepEqual([side.mapping, side.ports, side.carrier], ['none', 'preserved', 'no'])
    assert.match(side.views[2]?.error ?? '', /ECONNREFUSED/)
    const dead = await run(['--self', '--via', CLOSED, '--via', '/ip4/127.0.0.1/tcp/2'])
    assert.equal(dead.status, 1)
    assert.match(dead.output, /could not be told/)
  })

  it('watches: says all of it once, then what has changed, until it is interrupted', async () => {
    await using node = await createLoopbackNode(1)
    await node.start()
    const address = await addressOf(node)
    const output = new PassThrough({ encoding: 'utf8' })
    const errors = new PassThrough({ encoding: 'utf8' })
    const ending = new AbortController()
    const lines: string[] = []
    const io = { env: {}, output, errors, signal: ending.signal }
    const words = [address, '--scope', 'any', '--dial-private', '--watch', '1']
    const watching = runDoctor(words, io)
    let isStopped = false
    for await (const piece of output) {
      lines.push(...String(piece).split('\n'))
      const text = lines.join('\n')
      if (!isStopped && text.includes('healthy: a stranger')) {
        isStopped = true
        await node.stop()
      }
      if (/healthy: yes → no/.test(text)) break
    }
    ending.abort()
    assert.equal(await watching, 1)
    const changes = lines.filter((line) => /^\d{4}-\d\d-\d\dT/.test(line))
    assert.ok(
      changes.some((line) => line.endsWith('dial: works → fails')),
      changes.join('\n'),
    )
    assert.equal(lines.filter((line) => line.includes('announces')).length, 1)
  })

  it('says on a terminal what it is doing, and takes that away', async () => {
    await using node = await createLoopbackNode(1)
    await node.start()
    const output = new PassThrough({ encoding: 'utf8' })
    const errors = new PassThrough({ encoding: 'utf8' })
    const words = [await addressOf(node), '--scope', 'any', '--dial-private']
    const io = { env: {}, output, errors, progress: true }
    assert.equal(await runDoctor(words, io), 0)
    const told = String(errors.read())
    for (const step of [/dialling \/ip4/, /asking who it is/, /addresses tried: 1 of 1/]) {
      assert.match(told, step)
    }
    assert.ok(told.endsWith('\r\u001B[2K'))
    assert.match(String(output.read()), /127\.0\.0\.1\/tcp\/\d+ +confirmed/)
  })
})
