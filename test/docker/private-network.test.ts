import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { freePlan, testEngine } from './docker-bench.ts'

const KEY = '3c1f7e3135399a8b1612b2aaca1c36a3a8ac2cd0cca51ceeb2ced87d308cac6d'

describe('a private network on Docker', () => {
  const fabric = createDockerFabric()
  let engine: Engine
  let lab: Lab
  let a: NodePlan
  let b: NodePlan
  before(async () => {
    engine = await testEngine()
    const plan = await freePlan(fabric)
    lab = await fabric.start(plan, { onEvent: () => {} })
    const [variant] = plan.variants
    assert.ok(variant)
    ;[a, b] = variant.nodes as [NodePlan, NodePlan]
  })
  after(() => lab.stop())

  it('takes the key from a file of this machine, keeps others out, and the engine is not told it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const path = join(folder.path, 'swarm.key')
    const file = Buffer.from(`/key/swarm/psk/1.0.0/\n/base16/\n${KEY}\n`)
    await writeFile(path, file)
    await using nodeA = await lab.startNode(withKey(a, path))
    const { peerId } = await nodeA.api.status()
    const dialled = async (node: NodePlan): Promise<boolean> => {
      await using started = await lab.startNode(node)
      return (await started.api.dial(`/ip4/${a.publicAddress}/tcp/3000/p2p/${peerId}`)).ok
    }
    assert.equal(await dialled(withKey(b, path)), true)
    assert.equal(await dialled(b), false)
    const containers = await engine.docker.listContainers({
      filters: { label: [`kadlab.lab=${lab.id}`] },
    })
    const told = await Promise.all(
      containers.map(async ({ Id }) => engine.docker.getContainer(Id).inspect()),
    )
    assert.ok(told.length > 0)
    const text = JSON.stringify(told)
    for (const form of [KEY, file.toString('base64').slice(-40)]) {
      assert.equal(text.includes(form), false)
    }
    assert.equal(nodeA.log().includes(KEY.slice(0, 20)), false)
  })

  it('is refused where the file cannot be read, and what is no key is told by the node', async () => {
    await assert.rejects(lab.startNode(withKey(a, '/nowhere/swarm.key')), {
      name: 'SwarmKeyUnreadableError',
      message: /of A, SWARM_KEY_FILE=\/nowhere\/swarm\.key, cannot be read/,
    })
    await assert.rejects(
      lab.startNode(withKey(a, import.meta.filename)),
      /a first line that is not/,
    )
  })
})

function withKey(node: NodePlan, path: string): NodePlan {
  return { ...node, env: { ...node.env, SWARM_KEY_FILE: path } }
}
