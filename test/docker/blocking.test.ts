import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { freePlan, testEngine, testFabric } from './docker-bench.ts'

describe('what is blocked at a place that the nodes of several variants share on Docker', () => {
  const fabric = testFabric()
  const block = { from: 'A', to: 'B', by: 'reset', port: null } as const
  let engine: Engine
  let lab: Lab
  let a: NodePlan
  let b: NodePlan
  let nodeA: LabNode
  before(async () => {
    engine = await testEngine()
    const plan = await freePlan(fabric)
    const [variant] = plan.variants
    assert.ok(variant)
    const variants = [variant, { ...variant, name: 'other' }]
    lab = await fabric.start({ ...plan, variants }, { onEvent: () => {} })
    ;[a, b] = variant.nodes as [NodePlan, NodePlan]
    nodeA = await lab.startNode({ ...a, env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '2000' } })
  })
  after(() => lab.stop())

  const dialled = async (target: LabNode): Promise<string | null> => {
    const { peerId } = await target.api.status()
    return (await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${peerId}`)).kind
  }

  it('is blocked for who starts there later, and for who is paused', async () => {
    const first = await lab.startNode(b)
    await first.stop()
    await lab.block([block])
    await using second = await lab.startNode(b)
    assert.equal(await dialled(second), 'refused')
    await second.pause()
    await lab.block([])
    await second.resume()
    assert.equal(await dialled(second), null)
  })

  it('is blocked no more for the next variant, though it was blocked when the last one ended', async () => {
    const first = await lab.startNode(b)
    await lab.block([block])
    assert.equal(await dialled(first), 'refused')
    await first.stop()
    await lab.block([])
    assert.ok(lab.startAhead)
    await using second = await lab.startAhead(b, { when: Promise.resolve() })
    assert.equal(await dialled(second), null)
  })

  it('leaves no container that might change a network', async () => {
    const running = await engine.docker.listContainers({ all: true })
    const left = running.filter(({ Names }) =>
      Names.some((name) => name.startsWith(`/kadlab-${lab.id}-`) && name.endsWith('-blocks')),
    )
    assert.deepEqual(left, [])
  })
})
