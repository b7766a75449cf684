import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Command, parseUnit } from '#test/terraform/vm/unit-file.ts'
import { type Ended, eventually, IMAGES, run } from './compose-bench.ts'

/** A network that leads nowhere, since nodes dial whatever address they are told. */
const NETWORK = `kadlab-test-outside-${process.pid}`
const SUBNET = '11.219.0.0/24'
const SERVER = '11.219.0.10'
const HOME = '11.219.0.11'

/** A compose file for the world, on the network that leads nowhere, and with no port for the world. */
class OutsideProject implements AsyncDisposable {
  readonly #way: 'server' | 'join'
  readonly #override: string
  readonly #given: Readonly<Record<string, string>>
  readonly #env: NodeJS.ProcessEnv

  constructor(way: 'server' | 'join', override: string, env: Record<string, string>) {
    this.#way = way
    this.#override = override
    this.#given = env
    this.#env = { ...process.env, ...IMAGES, ...env }
  }

  /** The same project with more settings. */
  with(env: Record<string, string>): OutsideProject {
    return new OutsideProject(this.#way, this.#override, { ...this.#given, ...env })
  }

  async compose(...words: string[]): Promise<Ended> {
    const files = ['-f', `compose/${this.#way}/compose.yaml`, '-f', this.#override]
    const project = ['-p', `kadlab-test-${this.#way}-${process.pid}`]
    return run(
      'docker',
      ['compose', '--progress', 'quiet', ...files, ...project, ...words],
      this.#env,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '-v', '--timeout', '5')
  }
}

function overrideFor(address: string): string {
  return [
    'services:',
    '  node:',
    '    ports: !reset []',
    `    networks: { outside: { ipv4_address: ${address} } }`,
    `networks: { outside: { external: true, name: ${NETWORK} } }`,
    '',
  ].join('\n')
}

describe('a server, and a home that joins it, by their compose files', () => {
  const opened = new AsyncDisposableStack()
  let server: OutsideProject
  let home: OutsideProject
  let folder: string
  before(async () => {
    folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-outside-'))).path
    const made = await run('docker', [
      'network',
      'create',
      '--internal',
      '--subnet',
      SUBNET,
      NETWORK,
    ])
    assert.equal(made.status, 0, made.errors)
    opened.defer(async () => void (await run('docker', ['network', 'rm', NETWORK])))
    for (const [name, address] of [
      ['server', SERVER],
      ['home', HOME],
    ] as const) {
      await writeFile(join(folder, `${name}.yaml`), overrideFor(address))
    }
    server = opened.use(
      new OutsideProject('server', join(folder, 'server.yaml'), { PUBLIC_IP: SERVER }),
    )
    const up = await server.compose('up', '-d', '--build', '--wait', '--wait-timeout=60')
    assert.equal(up.status, 0, up.errors)
    const BOOTSTRAP = `/ip4/${SERVER}/tcp/3000/p2p/${await peerIdOf(server)}`
    home = opened.use(new OutsideProject('join', join(folder, 'home.yaml'), { BOOTSTRAP }))
    const joined = await home.compose('up', '-d', '--wait', '--wait-timeout=60')
    assert.equal(joined.status, 0, joined.errors)
  })
  after(async () => opened.disposeAsync())

  it('find each other: the home reaches the server, and is a client there', async () => {
    const seen = await eventually(
      async () => (await home.compose('exec', '-T', 'node', 'doctor')).output,
      (output) => output.includes('● dialable'),
    )
    assert.match(seen, /● dialable/)
    const { status, output } = await server.compose('exec', '-T', 'node', 'doctor')
    assert.equal(status, 0, output)
    assert.match(output, /: identified, CLIENT_MODE$/m)
  })

  it('share what one of them stores', async () => {
    const put = await home.compose('exec', '-T', 'node', 'shell', 'PUT greeting hello server')
    assert.match(put.output, /^stored at 1 other peer\n/, put.errors)
    const got = await server.compose('exec', '-T', 'node', 'shell', 'GET greeting')
    assert.match(got.output, /^hello server\n/, got.errors)
  })

  it("stay who they are when the server's unit ends and starts it", async () => {
    const before = await peerIdOf(server)
    const { start, stop } = parseUnit(readFileSync('compose/server/kadlab.service', 'utf8'))
    const asUnit = async ({ words }: Command): Promise<void> => {
      const { status, errors } = await server.compose(...words.slice(words.indexOf('-f') + 2))
      assert.equal(status, 0, errors)
    }
    for (const command of stop) await asUnit(command)
    // Only the volume stays.
    const down = await server.compose('down')
    assert.equal(down.status, 0, down.errors)
    await asUnit(start)
    assert.equal(await peerIdOf(server), before)
    const got = await eventually(
      async () => (await server.compose('exec', '-T', 'node', 'shell', 'GET greeting')).output,
      (output) => output.startsWith('hello server\n'),
    )
    assert.match(got, /^hello server\n/)
  })

  it('keep to themselves with a swarm key', async () => {
    const SWARM_KEY_FILE = join(folder, 'swarm.key')
    await writeFile(SWARM_KEY_FILE, `/key/swarm/psk/1.0.0/\n/base16/\n${'5e'.repeat(32)}\n`)
    // Who runs the tests and the user of the image may be two.
    await chmod(SWARM_KEY_FILE, 0o444)
    const closed = server.with({ SWARM_KEY_FILE })
    const up = await closed.compose('up', '-d', '--wait', '--wait-timeout=60')
    assert.equal(up.status, 0, up.errors)
    const doctor = async (): Promise<string> =>
      (await home.compose('exec', '-T', 'node', 'doctor')).output
    assert.match(
      await eventually(doctor, (output) => output.includes('PRIVATE_NETWORK')),
      /PRIVATE/,
    )
    const joined = await home
      .with({ SWARM_KEY_FILE })
      .compose('up', '-d', '--wait', '--wait-timeout=60')
    assert.equal(joined.status, 0, joined.errors)
    assert.match(await eventually(doctor, (output) => output.includes('● dialable')), /● dialable/)
    const { output } = await home.compose('logs', 'node')
    assert.doesNotMatch(output, /5e5e5e/)
  })
})

/** As the node's own log says it when it has started. */
async function peerIdOf(project: OutsideProject): Promise<string> {
  const { output } = await project.compose('logs', '--no-color', '--no-log-prefix', 'node')
  const [, peerId] = /"peerId":"(\w+)","listening"/.exec(output) ?? []
  assert.ok(peerId, output)
  return peerId
}
