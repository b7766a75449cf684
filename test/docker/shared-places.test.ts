import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { freePlan, ownRemains, testEngine, testFabric } from './docker-bench.ts'
import { execIn } from './exec.ts'

describe('a place that the nodes of several variants share on Docker', () => {
  const fabric = testFabric()
  let engine: Engine
  let plan: Plan
  let lab: Lab
  let a: NodePlan
  before(async () => {
    engine = await testEngine()
    const one = await freePlan(fabric, 'listens')
    const [variant] = one.variants
    assert.ok(variant)
    plan = { ...one, variants: [variant, { ...variant, name: 'other' }] }
    lab = await fabric.start(plan, { onEvent: () => {} })
    a = variant.nodes[0] as NodePlan
  })
  after(() => lab.stop())

  const ahead = (when: Promise<void>, signal?: AbortSignal): Promise<LabNode> => {
    assert.ok(lab.startAhead)
    return lab.startAhead(a, { when, signal })
  }
  const inspect = (name: string) => engine.docker.getContainer(`kadlab-${lab.id}-${name}`).inspect()

  it('is had by one after the other, and by the next under its own name once it begins', async () => {
    const first = await lab.startNode(a)
    const turn = Promise.withResolvers<void>()
    const second = ahead(turn.promise)
    let begun = false
    void second.then(() => (begun = true))
    const { Id: firstId } = await inspect('A')
    await first.stop()
    assert.equal(begun, false)
    turn.resolve()
    await using _node = await second
    const { Id, HostConfig } = await inspect('A')
    assert.notEqual(Id, firstId)
    assert.deepEqual(HostConfig.CapDrop, ['ALL'])
    await assert.rejects(inspect('A-next'), { statusCode: 404 })
  })

  it('has its own address, its router and nothing else, and no right to change that', async () => {
    await using _node = await lab.startNode(a)
    const inside = async (...command: string[]): Promise<string> =>
      (await execIn(engine, `kadlab-${lab.id}-A`, command)).output
    const [fib, routes, status] = [
      await inside('cat', '/proc/net/fib_trie'),
      await inside('cat', '/proc/net/route'),
      await inside('cat', '/proc/1/status'),
    ]
    const hosts = [...fib.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, host]) => host)
    assert.deepEqual(new Set(hosts), new Set([a.address, '127.0.0.1']))
    const gateway = a.gateway?.split('.').toReversed().map(Number) ?? []
    const hex = gateway.map((part) => part.toString(16).padStart(2, '0').toUpperCase()).join('')
    assert.match(routes, new RegExp(`^eth0\\t00000000\\t${hex}\\t`, 'm'))
    assert.match(status, /^CapEff:\t0+$/m)
    const owner = await inspect(`at-${a.address}`)
    assert.deepEqual(owner.HostConfig.CapAdd ?? [], [])
    assert.deepEqual(owner.HostConfig.Dns, ['127.0.0.1'])
  })

  it('is left by who is given up before it begins, and the lab ends with who never began', async () => {
    const given = new AbortController()
    const never = new Promise<void>(() => {})
    const leaves = assert.rejects(ahead(never, given.signal), /enough/)
    given.abort(new Error('enough'))
    await leaves
    await assert.rejects(inspect('A-next'), { statusCode: 404 })
    const ends = assert.rejects(ahead(never), /The lab was stopped/)
    await lab.stop()
    await ends
    assert.deepEqual(await ownRemains(engine), [])
  })
})
