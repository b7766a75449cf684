import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, describe, it } from 'node:test'
import type { ContainerInspectInfo } from 'dockerode'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { COMPOSE_SUBNETS } from '#orchestrator/net/reserved.ts'
import { composePlan } from '../../scripts/docs/compose.ts'
import { type ComposeCluster, composeUp, eventually, IMAGES, run } from './compose-bench.ts'

const PLAN = composePlan()
const NODES = PLAN.variants[0]?.nodes ?? []
const PEERS = Object.fromEntries(NODES.map(({ name, peerId }) => [name, peerId]))

async function inspect(cluster: ComposeCluster): Promise<ContainerInspectInfo[]> {
  const { output } = await cluster.compose('ps', '-aq')
  const ids = output.split('\n').filter(Boolean)
  return JSON.parse((await run('docker', ['inspect', ...ids])).output) as ContainerInspectInfo[]
}

/** Milliseconds from a container's start to its first passed health check. */
function healthyAfterMs({ State }: ContainerInspectInfo): number {
  const passed = State.Health?.Log.find(({ ExitCode }) => ExitCode === 0)
  return Date.parse(String(passed?.End)) - Date.parse(State.StartedAt)
}

describe('docker compose config', () => {
  for (const [way, variable] of [
    ['server', 'PUBLIC_IP'],
    ['join', 'BOOTSTRAP'],
  ] as const) {
    it(`needs no ${variable} for logs and down of compose/${way}`, async () => {
      const project = ['-p', `kadlab-test-${way}-${process.pid}`]
      const compose = ['compose', '-f', `compose/${way}/compose.yaml`, ...project]
      for (const words of [['config', '-q'], ['logs'], ['down', '-v']]) {
        const ended = await run('docker', [...compose, ...words], {
          ...process.env,
          [variable]: '',
        })
        assert.equal(ended.status, 0, ended.errors)
      }
    })
  }

  it('finds nothing wrong with any of the files', async () => {
    const words = ['compose', '--profile', '*', 'config', '-q']
    assert.deepEqual(await run('docker', words), { status: 0, output: '', errors: '' })
  })

  it('refuses an ANNOUNCE_PUBLIC that is neither yes nor no, before anything starts', async () => {
    const words = ['compose', 'config', '-q']
    const { status, errors } = await run('docker', words, {
      ...process.env,
      ANNOUNCE_PUBLIC: 'maybe',
    })
    assert.notEqual(status, 0)
    assert.match(errors, /environment\/ANNOUNCE_PUBLIC=maybe\/.* not found/)
  })
})

describe('docker compose up', () => {
  let cluster: ComposeCluster
  before(async () => {
    cluster = await composeUp({ first: true })
  })
  after(async () => cluster[Symbol.asyncDispose]())

  it('builds what is missing and asks no registry for it, and ends well with every container healthy', async (t) => {
    assert.equal(cluster.up.status, 0, cluster.up.errors)
    assert.doesNotMatch(cluster.up.errors, /\bPull|denied|Warning/)
    const containers = await inspect(cluster)
    assert.equal(containers.length, NODES.length + PLAN.routers.length + 1)
    for (const { Name, State } of containers) assert.equal(State.Health?.Status, 'healthy', Name)
    const slowest = Math.max(...containers.map(healthyAfterMs))
    t.diagnostic(`healthy ${(slowest / 1000).toFixed(1)} s after their start`)
  })

  it('has every server listed by every other, and the home by nobody', async () => {
    for (const observer of NODES) {
      const targets = ['bootstrap', 'cloud-a', 'cloud-b'].filter((name) => name !== observer.name)
      const wanted = targets.map((name) => PEERS[name] ?? '').toSorted()
      const listed = await eventually(
        async () =>
          (await cluster.discovery(observer.name))
            .filter((sighting) => sighting.listed)
            .map(({ peerId }) => peerId)
            .toSorted(),
        (peers) => peers.join() === wanted.join(),
      )
      assert.deepEqual(listed, wanted, observer.name)
    }
    const home = (await cluster.discovery('bootstrap')).find(
      ({ peerId }) => peerId === PEERS['home'],
    )
    assert.equal(home?.cause, 'CLIENT_MODE')
  })

  it('tells in the log of a node the address by which others name it', async () => {
    const { output } = await cluster.compose('logs', '--no-color', 'bootstrap')
    const named = NODES.find(({ name }) => name === 'cloud-a')?.env['BOOTSTRAP']
    assert.ok(named?.includes('/p2p/'), named)
    assert.ok(output.includes(`announced=["${named}"]`), output)
  })

  it('puts and gets at the prompt of any node', async () => {
    const put = await cluster.compose('exec', '-T', 'bootstrap', 'shell', 'PUT greeting hello all')
    assert.match(put.output, /^stored at 2 other peers/, put.errors)
    const got = await cluster.compose('exec', '-T', 'home', 'shell', 'GET', 'greeting')
    assert.match(got.output, /^hello all\n/, got.errors)
  })

  it('has a doctor who finds every server dialable', async () => {
    const { status, output } = await cluster.compose('exec', '-T', 'bootstrap', 'doctor')
    assert.equal(status, 0, output)
    assert.deepEqual(tableIn(output), [
      'observer ╲ target  bootstrap  cloud-a     cloud-b     home',
      'bootstrap          ·          ● dialable  ● dialable  ○ identified',
    ])
  })

  it('gives no node or router a second way', async () => {
    const lab = new Set(PLAN.networks.map(({ name }) => name))
    for (const { Config, NetworkSettings } of await inspect(cluster)) {
      const service = Config.Labels['com.docker.compose.service'] ?? ''
      if (service === 'api') continue
      const project = `${Config.Labels['com.docker.compose.project']}_`
      const networks = Object.keys(NetworkSettings.Networks)
      const isRouter = PLAN.routers.some(({ name }) => name === service)
      assert.equal(networks.length, isRouter ? 2 : 1, service)
      for (const network of networks) assert.ok(lab.has(network.replace(project, '')), network)
      assert.deepEqual(Object.values(NetworkSettings.Ports).flat().filter(Boolean), [], service)
    }
  })

  it('leads nowhere but to the lab: not to this machine, and to no name server', async () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    for (const { address } of own) {
      for (const { subnet } of PLAN.networks) {
        assert.ok(!address.startsWith(subnet.replace('0/24', '')), `${address} in ${subnet}`)
      }
    }
    for (const { Config, HostConfig, NetworkSettings } of await inspect(cluster)) {
      const service = Config.Labels['com.docker.compose.service'] ?? ''
      if (service === 'api') continue
      assert.deepEqual(HostConfig.Dns, ['127.0.0.1'], service)
      const node = NODES.find(({ name }) => name === service)
      if (node === undefined) continue
      const [network] = Object.values(NetworkSettings.Networks)
      assert.equal(network?.Gateway, node.gateway ?? '11.210.0.254', service)
    }
    const lookup = `require('node:dns').promises.lookup('example.org').then(
      () => console.log('found'), ({ code }) => console.log('failed', code))`
    const asked = await cluster.compose('exec', '-T', 'cloud-a', 'node', '-e', lookup)
    assert.match(asked.output, /^failed /, asked.errors)
  })

  it('keeps its networks from labs', async () => {
    const taken = await createDockerFabric().takenSubnets()
    for (const subnet of COMPOSE_SUBNETS) assert.ok(taken.includes(subnet), subnet)
  })

  it('shows all nodes on a page that follows them, on an index, and their metrics', async () => {
    const live = await fetch(cluster.api)
    assert.match(await live.text(), /^<!doctype html>\n<html lang="en" data-cluster>/)
    const page = await (await fetch(`${cluster.api}/index`)).text()
    for (const { name, peerId } of NODES) {
      assert.ok(page.includes(`/nodes/${name}/v1/status`), name)
      assert.ok(page.includes(peerId), name)
      const metrics = await (await fetch(`${cluster.api}/nodes/${name}/metrics`)).text()
      assert.match(metrics, new RegExp(`kadlab_node_info\\{peer="${peerId}"`), name)
    }
  })

  it('shows the failure too where it runs already: nobody keeps what it knew', async () => {
    const { status, errors } = await cluster.upWith({ ANNOUNCE_PUBLIC: 'no' })
    assert.equal(status, 0, errors)
    for (const name of ['cloud-a', 'cloud-b']) {
      const sighting = await eventually(
        async () => (await cluster.discovery('bootstrap')).find((s) => s.peerId === PEERS[name]),
        (found) => found?.cause === 'ONLY_PRIVATE_ADDRESSES',
      )
      assert.equal(sighting?.cause, 'ONLY_PRIVATE_ADDRESSES', name)
    }
  })

  it('leaves nothing after a down with volumes', async () => {
    assert.notDeepEqual(await cluster.remains(), [])
    const { status, errors } = await cluster.compose('--profile', '*', 'down', '-v')
    assert.equal(status, 0, errors)
    assert.deepEqual(await cluster.remains(), [])
  })
})

describe('ANNOUNCE_PUBLIC=no docker compose up', () => {
  let cluster: ComposeCluster
  before(async () => {
    cluster = await composeUp({ env: { ANNOUNCE_PUBLIC: 'no', LOG_FORMAT: 'pretty' } })
  })
  after(async () => cluster[Symbol.asyncDispose]())

  it('is up all the same, and lists no cloud', async () => {
    assert.equal(cluster.up.status, 0, cluster.up.errors)
    assert.equal((await cluster.status('bootstrap')).listed, 0)
  })

  it("names cause and remedy in the bootstrap node's discovery", async () => {
    for (const name of ['cloud-a', 'cloud-b']) {
      const sighting = await eventually(
        async () => (await cluster.discovery('bootstrap')).find((s) => s.peerId === PEERS[name]),
        (found) => found?.cause === 'ONLY_PRIVATE_ADDRESSES',
      )
      assert.equal(sighting?.cause, 'ONLY_PRIVATE_ADDRESSES', name)
      const publicAddress = NODES.find((node) => node.name === name)?.publicAddress
      assert.equal(sighting?.remedy?.set, `PUBLIC_IP=${publicAddress}`)
    }
  })

  it('names them in its log, as text for people where that is wanted', async () => {
    const log = await eventually(
      async () => (await cluster.compose('logs', '--no-color', 'bootstrap')).output,
      (text) => text.includes('PUBLIC_IP=11.210.0.11') && text.includes('PUBLIC_IP=11.210.0.12'),
    )
    assert.match(
      log,
      /WARN {2}cloud-a is not listed here: set PUBLIC_IP=11\.210\.0\.11 on cloud-a \(every .* name=bootstrap/,
    )
    assert.match(
      log,
      /WARN {2}cloud-b is not listed here: set PUBLIC_IP=11\.210\.0\.12 on cloud-b \(every .* name=bootstrap/,
    )
    assert.match(log, /ONLY_PRIVATE_ADDRESSES/)
  })

  it("names them in the doctor's table", async () => {
    const { status, output } = await cluster.compose('exec', '-T', 'bootstrap', 'doctor')
    assert.equal(status, 1, output)
    assert.deepEqual(tableIn(output), [
      'observer ╲ target  bootstrap  cloud-a            cloud-b            home',
      'bootstrap          ·          ○ speaks-kademlia  ○ speaks-kademlia  ○ identified',
    ])
    assert.match(output, /^cloud-a at bootstrap: speaks-kademlia, ONLY_PRIVATE_ADDRESSES$/m)
    assert.match(output, /^ {2}remedy {4}PUBLIC_IP=11\.210\.0\.11 on cloud-a$/m)
  })

  it('shows the whole table, as the scenario prints it, to whoever asks the API', async () => {
    const words = 'run -s scenario compose-cluster -- --fabric sim --variant announce-no'
    const scenario = await run('npm', words.split(' '))
    // What the scenario expects is nothing that a cluster could know of.
    const text = scenario.output.replaceAll(/^ {2}/gm, '').replaceAll('◌', '○')
    const expected = tableIn(text)
    assert.equal(expected.length, 1 + NODES.length, scenario.output)
    const shown = await eventually(
      async () => tableIn(await (await fetch(`${cluster.api}/discovery?dialBack=true`)).text()),
      (table) => table.join() === expected.join(),
    )
    assert.deepEqual(shown, expected)
  })
})

describe('a setting that is wrong', () => {
  it('ends the node with its own message, once, in sight', async () => {
    await using cluster = await composeUp({
      env: { LOG_LEVEL: 'loud' },
      services: ['bootstrap'],
    })
    assert.notEqual(cluster.up.status, 0)
    const [container] = await inspect(cluster)
    assert.deepEqual(
      [container?.State.Status, container?.State.ExitCode, container?.RestartCount],
      ['exited', 2, 0],
    )
    assert.match((await cluster.compose('ps', '-a')).output, /bootstrap.*Exited \(2\)/)
    const { output } = await cluster.compose('logs', '--no-color', 'bootstrap')
    assert.equal(output.match(/LOG_LEVEL: expected trace, .*; saw "loud"/g)?.length, 1, output)
  })
})

describe('a setting that is wrong at a server', () => {
  it('ends the node with status 2 and its own message', async () => {
    const environment = { ...process.env, ...IMAGES, PUBLIC_IP: 'here' }
    const compose = ['compose', '--progress', 'quiet', '-f', 'compose/server/compose.yaml']
    const project = [...compose, '-p', `kadlab-test-server-${process.pid}`]
    try {
      const ended = await run('docker', [...project, 'run', '--rm', '-T', 'node'], environment)
      assert.equal(ended.status, 2, ended.errors)
      assert.match(
        ended.errors,
        /PUBLIC_IP: expected an IPv4 or IPv6 address of one host; saw "here"/,
      )
    } finally {
      await run('docker', [...project, 'down', '-v'], environment)
    }
  })
})

/** The observer × target matrix in a text. */
function tableIn(text: string): string[] {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith('observer ╲ target'))
  return from === -1 ? [] : lines.slice(from, lines.indexOf('', from)).map((line) => line.trimEnd())
}
