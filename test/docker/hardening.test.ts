import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, describe, it } from 'node:test'
import type { ContainerInspectInfo } from 'dockerode'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { LabNode } from '#orchestrator/fabric/fabric.ts'
import { startTwoClouds, testEngine, type TestLab } from './docker-bench.ts'
import { execIn, type ExecOutcome } from './exec.ts'

describe('a node in a lab on Docker', () => {
  let engine: Engine
  let bench: TestLab
  let node: LabNode
  let container: string
  let info: ContainerInspectInfo
  before(async () => {
    engine = await testEngine()
    bench = await startTwoClouds('kadlab', true)
    const env = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE', DATA_DIR: '/data' }
    node = await bench.lab.startNode({ ...bench.a, env })
    container = `kadlab-${bench.lab.id}-A`
    info = await engine.docker.getContainer(container).inspect()
  })
  after(async () => {
    await bench[Symbol.asyncDispose]()
  })
  const inside = async (...command: string[]): Promise<ExecOutcome> =>
    execIn(engine, container, command)

  it('starts from a warm compile cache', () => {
    assert.match(node.log(), /code cache for ESM file:\/\/\/app\/kadlab\.mjs was accepted/)
  })

  it('is nobody special, and can become nobody else', async () => {
    const { output } = await inside('cat', '/proc/1/status')
    assert.match(output, /^Uid:\t1000\t1000\t1000\t1000$/m)
    assert.match(output, /^CapEff:\t0+$/m)
    assert.match(output, /^CapBnd:\t0+$/m)
    assert.match(output, /^NoNewPrivs:\t1$/m)
  })

  it('can write nowhere but to its data and to what ends with it', async () => {
    for (const folder of ['/', '/app', '/app/compile-cache', '/home/node', '/usr/local/bin']) {
      const { exitCode } = await inside('touch', `${folder}/written`)
      assert.notEqual(exitCode, 0, folder)
    }
    for (const folder of ['/data', '/tmp', '/run/kadlab']) {
      const { exitCode, errors } = await inside('touch', `${folder}/written`)
      assert.equal(exitCode, 0, errors)
    }
  })

  it('has one network, and no port that the host publishes', () => {
    assert.deepEqual(Object.keys(info.NetworkSettings.Networks), [`kadlab-${bench.lab.id}-east`])
    assert.deepEqual(info.HostConfig.PortBindings ?? {}, {})
    for (const bindings of Object.values(info.NetworkSettings.Ports)) {
      assert.deepEqual(bindings ?? [], [])
    }
  })

  it('has no way to ask for a name outside the lab', async () => {
    assert.deepEqual(info.HostConfig.Dns, ['127.0.0.1'])
    const script = `require('node:dns').promises.lookup('example.org').then(
      (found) => console.log('found', found), (error) => console.log('failed', error.code))`
    const { output } = await inside('node', '-e', script)
    assert.match(output, /^failed /)
  })

  it('routes by its router alone, and the host is not on its network', async () => {
    const [, second] = bench.a.address.split('.')
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    for (const { address } of own) assert.doesNotMatch(address, new RegExp(`^1[01]\\.${second}\\.`))
    const { output } = await inside('cat', '/proc/net/route')
    // Destination 0.0.0.0 by 10.x.1.1, in the kernel's byte order.
    const gateway = bench.a.gateway?.split('.').toReversed().map(Number) ?? []
    const hex = gateway.map((part) => part.toString(16).padStart(2, '0').toUpperCase()).join('')
    assert.match(output, new RegExp(`^eth0\\t00000000\\t${hex}\\t`, 'm'))
  })

  it('answers the shell that a person opens in its container', async () => {
    const { exitCode, output, errors } = await inside('shell', 'HELP')
    assert.equal(exitCode, 0, errors)
    assert.match(output, /GET <key>/)
    assert.equal((await inside('shell', 'PEERS')).exitCode, 0)
  })

  it('is checked by nobody, as its events say more', () => {
    assert.deepEqual(info.Config.Healthcheck?.Test, ['NONE'])
  })

  it('keeps what it wrote when it is started again', async () => {
    await inside('sh', '-c', 'echo kept > /data/note')
    await node.stop()
    node = await bench.lab.startNode({ ...bench.a, env: { DATA_DIR: '/data' } })
    assert.equal((await inside('cat', '/data/note')).output, 'kept\n')
  })
})

describe('a router in a lab on Docker', () => {
  it('may change its own network, and nothing else', async () => {
    await using bench = await startTwoClouds('listens')
    const engine = await testEngine()
    const container = `kadlab-${bench.lab.id}-east-router`
    const { output } = await execIn(engine, container, ['cat', '/proc/1/status'])
    // CAP_NET_ADMIN is bit 12.
    assert.match(output, /^CapEff:\t0{12}1000$/m)
    assert.match(output, /^NoNewPrivs:\t1$/m)
    const { exitCode } = await execIn(engine, container, ['touch', '/written'])
    assert.notEqual(exitCode, 0)
  })
})
