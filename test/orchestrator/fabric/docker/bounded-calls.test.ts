import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CALL_LIMITS, type CallLimits } from '#orchestrator/fabric/docker/bounded-calls.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { createNetwork } from '#orchestrator/fabric/docker/networks.ts'
import { describeLeftovers, noteLabGone } from '#orchestrator/fabric/labs-up.ts'
import { twoClouds } from '#test/docker/plans.ts'
import { startStandInEngine } from '#test/support/stand-in-engine.ts'

const LIMITS: CallLimits = { ...CALL_LIMITS, answerMs: 3000, hurriedMs: 50, silentMs: 50 }
const owner = { host: '', machine: '', pidNamespace: '', boot: '', pid: 1, started: '' }
const LAB = { id: 'abcd0123', scenario: 's', owner }

function program(image: () => Promise<string>) {
  return {
    image,
    command: [],
    arguments: () => [],
    commands: [],
    environment: () => ({}),
    connect: () => assert.fail('no node is started'),
  }
}

describe('an engine that hangs', () => {
  it('is named after a while, with the call that it does not answer', async () => {
    await using standIn = await startStandInEngine()
    const engine = await connectEngine({ env: { DOCKER_HOST: standIn.host }, limits: LIMITS })
    standIn.answer('GET /networks', 'silence')
    await assert.rejects(engine.docker.listNetworks(), {
      name: 'EngineSilentError',
      message: /did not answer within 3 s \(GET \/networks\)/,
    })
  })

  it('gets less time once it has been silent, and once the run is given up', async () => {
    await using standIn = await startStandInEngine()
    const limits = { ...LIMITS, answerMs: 600_000 }
    const engine = await connectEngine({ env: { DOCKER_HOST: standIn.host }, limits })
    standIn.answer('GET /networks', 'silence')
    const asking = engine.docker.listNetworks()
    engine.calls.hurry()
    await assert.rejects(asking, { message: /within 0\.05 s/ })
    engine.calls.relax()
    const other = { ...limits, hurriedMs: 600_000, answerMs: 3000 }
    const second = await connectEngine({ env: { DOCKER_HOST: standIn.host }, limits: other })
    const calls = [second.docker.listNetworks(), second.docker.listNetworks()]
    for (const call of calls) await assert.rejects(call, { name: 'EngineSilentError' })
    await assert.rejects(second.docker.listNetworks(), { message: /within 0\.05 s/ })
  })

  it('ends the start of a lab, which says first what was asked, and leaves word of the lab', async () => {
    await using standIn = await startStandInEngine()
    const fabric = createDockerFabric({
      env: { DOCKER_HOST: standIn.host },
      limits: LIMITS,
      programs: { kadlab: program(async () => 'x'), x: program(async () => 'x') },
    })
    standIn.answer('POST /networks/create', 'silence')
    standIn.answer('GET /containers/json', 'silence')
    const plan = twoClouds(9, 'x')
    await assert.rejects(fabric.start(plan, { onEvent: () => {} }), (error: Error) => {
      assert.ok(error instanceof SuppressedError)
      assert.match(String(error.suppressed), /POST \/networks\/create/)
      assert.match(String(error.error), /GET \/containers\/json/)
      return true
    })
    const left = describeLeftovers() ?? ''
    assert.match(left, /left at the engine: lab [0-9a-f]{8}; `npm run clean`/)
    noteLabGone(/lab ([0-9a-f]{8})/.exec(left)?.[1] ?? '')
    assert.equal(describeLeftovers(), null)
  })

  it('does not hold up a run that is given up', async () => {
    await using standIn = await startStandInEngine()
    const fabric = createDockerFabric({
      env: { DOCKER_HOST: standIn.host },
      limits: { ...LIMITS, answerMs: 600_000 },
      programs: { kadlab: program(async () => 'x'), x: program(async () => 'x') },
    })
    standIn.answer('POST /networks/create', 'silence')
    const patience = AbortSignal.timeout(50)
    await assert.rejects(fabric.start(twoClouds(9, 'x'), { onEvent: () => {}, signal: patience }))
    assert.equal(describeLeftovers(), null)
  })
})

describe('an engine that refuses', () => {
  it('gives its reason once', async () => {
    await using standIn = await startStandInEngine()
    const engine = await connectEngine({ env: { DOCKER_HOST: standIn.host } })
    const body = { message: 'operation is not permitted on predefined nat network' }
    standIn.answer('POST /networks/create', { status: 403, body })
    const plan = twoClouds(9)
    const [network] = plan.networks
    assert.ok(network)
    await assert.rejects(createNetwork(engine, network, plan, LAB), (error: Error) => {
      assert.equal(error.name, 'EngineRefusedError')
      assert.equal(
        error.message,
        'The engine refused the network `internet` (11.9.0.0/24): operation is not permitted on predefined nat network.',
      )
      assert.equal((error.cause as Error).message, body.message)
      return true
    })
  })

  it('has not refused where it does not know what it has just made: somebody removed that', async () => {
    await using standIn = await startStandInEngine()
    const engine = await connectEngine({ env: { DOCKER_HOST: standIn.host } })
    standIn.answer('POST /networks/create', {
      status: 404,
      body: { message: 'network kadlab-abcd0123-internet not found' },
    })
    const plan = twoClouds(9)
    const [network] = plan.networks
    assert.ok(network)
    await assert.rejects(createNetwork(engine, network, plan, LAB), {
      name: 'RemovedMeanwhileError',
      message: /was removed from the engine while the run was under way.*docker system prune/,
    })
  })
})

describe('an engine that dies', () => {
  it('is one line that says so, whatever was asked of it', async () => {
    const standIn = await startStandInEngine()
    const engine = await connectEngine({ env: { DOCKER_HOST: standIn.host } })
    standIn.answer('GET /networks', 'silence')
    const asking = assert.rejects(engine.docker.listNetworks(), {
      name: 'EngineUnavailableError',
      message: /^The Docker engine at unix:.* does not answer: the connection broke\.$/,
    })
    await new Promise((resolve) => void setTimeout(resolve, 50))
    await standIn[Symbol.asyncDispose]()
    await asking
    await assert.rejects(engine.docker.listNetworks(), {
      name: 'EngineUnavailableError',
      message: /there is no such socket/,
    })
  })
})
