import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import { freePlan, ownRemains, startTwoClouds, testEngine, testFabric } from './docker-bench.ts'

const quiet = { onEvent: () => undefined }

describe('a lab on Docker that cannot be', () => {
  let engine: Engine
  before(async () => {
    engine = await testEngine()
  })
  after(async () => {
    assert.deepEqual(await ownRemains(engine), [])
  })

  it('leaves nothing where another network has its subnet, and names the subnet', async () => {
    const fabric = testFabric()
    const plan = await freePlan(fabric)
    await using first = await fabric.start(plan, quiet)
    const taken = await fabric.takenSubnets()
    for (const { subnet } of plan.networks) assert.ok(taken.includes(subnet), subnet)
    await assert.rejects(fabric.start(plan, quiet), {
      name: 'SubnetTakenError',
      message: /1[01]\.\d+\.\d\.0\/24 .*taken/,
    })
    const remains = await ownRemains(engine)
    assert.deepEqual(
      remains.map(({ identity }) => identity.id),
      [first.id],
    )
  })

  it('leaves nothing where a router cannot be set up, and shows what it said', async () => {
    const fabric = testFabric()
    const plan = await freePlan(fabric)
    const [router] = plan.routers
    assert.ok(router)
    router.wan.furtherAddresses = ['not-an-address']
    await assert.rejects(fabric.start(plan, quiet), (error: Error) => {
      assert.equal(error.name, 'ContainerDiedError')
      assert.match(error.message, /east-router/)
      assert.match(error.message, /not-an-address/)
      return true
    })
    assert.deepEqual(await ownRemains(engine), [])
  })

  it('leaves nothing whenever it is given up while it starts', async () => {
    const fabric = testFabric()
    const plan = await freePlan(fabric)
    let started = false
    // Each moment of the start is hit by one of these, whatever the machine's speed.
    for (let afterMs = 0; !started; afterMs += Math.max(150, Math.round(afterMs / 10))) {
      const patience = AbortSignal.timeout(afterMs)
      try {
        const lab = await fabric.start(plan, { ...quiet, signal: patience })
        started = true
        await lab.stop()
      } catch (error) {
        assert.equal((error as Error).name, 'TimeoutError', String(error))
      }
      assert.deepEqual(await ownRemains(engine), [], `given up after ${afterMs} ms`)
    }
    assert.ok(started)
  })

  it('says which engine does not answer, in one line', async () => {
    const fabric = createDockerFabric({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
    const { available, detail, engine: version } = await fabric.probe()
    assert.deepEqual([available, version], [false, null])
    assert.match(
      detail,
      /unix:\/\/\/nowhere\/docker\.sock \(DOCKER_HOST\): there is no such socket/,
    )
    assert.ok(!detail.includes('\n'))
    const plan = await freePlan(testFabric())
    await assert.rejects(fabric.start(plan, quiet), { name: 'EngineUnavailableError' })
  })

  it('knows no program that nobody gave it', async () => {
    const fabric = createDockerFabric()
    const plan = await freePlan(fabric, 'perl-kv')
    await assert.rejects(fabric.start(plan, quiet), { name: 'FabricError', message: /perl-kv/ })
  })
})

describe('a node on Docker that cannot be', () => {
  it('rejects with its exit code and its last log lines, and is removed', async () => {
    await using bench = await startTwoClouds('dies')
    await assert.rejects(bench.lab.startNode(bench.a), (error: Error) => {
      assert.equal(error.name, 'ContainerDiedError')
      assert.match(error.message, /`A` ended with exit code 7/)
      assert.match(error.message, /line 30\n {2}there is no floor here$/)
      assert.doesNotMatch(error.message, /line 1\n/)
      return true
    })
    const engine = await testEngine()
    const [remains] = await ownRemains(engine)
    assert.equal(remains?.containers.length, bench.plan.routers.length)
  })

  it('is told of where it ends later, with its last log lines', async () => {
    await using bench = await startTwoClouds('dies-later')
    const node = await bench.lab.startNode(bench.a)
    await assert.rejects(node.api.status(), { name: 'DisconnectedError' })
    assert.deepEqual(await bench.told('node-exit'), {
      type: 'node-exit',
      node: 'A',
      exitCode: 9,
      lastLines: ['that was too much'],
    })
    await node.stop()
  })

  it('is removed where it is given up before it listens', async () => {
    await using bench = await startTwoClouds('never-listens')
    const patience = AbortSignal.timeout(1500)
    await assert.rejects(bench.lab.startNode(bench.a, { signal: patience }), {
      name: 'TimeoutError',
    })
    const [remains] = await ownRemains(await testEngine())
    assert.equal(remains?.containers.length, bench.plan.routers.length)
  })

  it('does not hold up the end of its lab', async () => {
    await using bench = await startTwoClouds('never-listens')
    const starting = assert.rejects(bench.lab.startNode(bench.a), /The lab was stopped/)
    await bench.lab.stop()
    await starting
    assert.deepEqual(await ownRemains(await testEngine()), [])
  })
})

describe('a lab on Docker that breaks', () => {
  it('tells of a router that is killed', async () => {
    await using bench = await startTwoClouds('listens')
    const engine = await testEngine()
    await engine.docker.getContainer(`kadlab-${bench.lab.id}-east-router`).kill()
    const { type, ...told } = await bench.told('router-exit')
    assert.deepEqual(
      { type, ...told },
      { type: 'router-exit', router: 'east-router', exitCode: 137, lastLines: [] },
    )
  })

  it('names the network that has its subnet', async () => {
    const fabric = testFabric()
    const plan = await freePlan(fabric)
    await using first = await fabric.start(plan, quiet)
    await assert.rejects(fabric.start(plan, quiet), {
      name: 'SubnetTakenError',
      message: new RegExp(
        `is taken by the network \`kadlab-${first.id}-\\w+\` \\(.*, of lab ${first.id}\\)`,
      ),
    })
  })

  it('bounds what each of its containers may take', async () => {
    await using bench = await startTwoClouds('listens')
    await bench.lab.startNode(bench.a)
    const engine = await testEngine()
    const limits = await Promise.all(
      ['A', 'east-router'].map(async (name) => {
        const container = engine.docker.getContainer(`kadlab-${bench.lab.id}-${name}`)
        const { Memory, PidsLimit } = (await container.inspect()).HostConfig
        return [name, (Memory ?? 0) / 2 ** 20, PidsLimit]
      }),
    )
    assert.deepEqual(limits, [
      ['A', 512, 128],
      ['east-router', 128, 64],
    ])
  })
})
