import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeApi } from '#node/api/node-api.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

/** Four servers whose records outlive them; what a holder has that others lack is passed on every few seconds. */
const SCENARIO = `
name: store-faults
title: four servers that keep what they are told
sites: { open: { nat: public } }
nodes:
  A: { site: open, env: &kept { DATA_DIR: /data, REPUBLISH_INTERVAL_MS: '5000' } }
  B: { site: open, bootstrap: [A], env: *kept }
  C: { site: open, bootstrap: [A, B], env: *kept }
  D: { site: open, bootstrap: [A, B, C], env: *kept }
`
const OTHERS = 3
/** What has not come by then does not come. */
const LIMIT_MS = 90_000

interface Cluster extends AsyncDisposable {
  readonly lab: Lab
  readonly plans: ReadonlyMap<string, NodePlan>
  readonly nodes: Map<string, LabNode>
  start(name: string): Promise<NodeApi>
}

/** Four nodes, each of which lists the others. */
async function cluster(): Promise<Cluster> {
  const fabric = createDockerFabric()
  const [plan] = planScenario(scenarioOf(SCENARIO), {
    seed: 17,
    taken: await fabric.takenSubnets(),
  })
  assert.ok(plan)
  const lab = await fabric.start(plan, { onEvent: () => {} })
  const nodes = new Map<string, LabNode>()
  const plans = new Map((plan.variants[0]?.nodes ?? []).map((node) => [node.name, node]))
  const start = async (name: string): Promise<NodeApi> => {
    const node = await lab.startNode(plans.get(name) ?? assert.fail())
    nodes.set(name, node)
    return node.api
  }
  const up = { lab, plans, nodes, start, [Symbol.asyncDispose]: () => lab.stop() }
  try {
    for (const name of plans.keys()) await start(name)
    await Promise.all([...nodes.values()].map(({ api }) => untilListed(api)))
  } catch (error) {
    await lab.stop()
    throw error
  }
  return up
}

async function untilListed(api: NodeApi): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const listed = new Set<string>()
  for await (const event of api.events({ since: 0, signal })) {
    if (event.event === 'listed') listed.add(event.peer)
    if (listed.size === OTHERS) return
  }
  assert.fail(`${listed.size} of ${OTHERS} are listed after ${LIMIT_MS} ms`)
}

/**
 * Resolves when a node reads this value under a key; null: nothing, once it was deleted.
 *
 * @param after what was under it before
 */
async function untilReads(
  api: NodeApi,
  key: string,
  value: string | null,
  after: string | null,
): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  let last: string | null = null
  const from = after === null ? {} : { after }
  for await (const change of api.watch(key, { ...from, signal })) {
    last = change.value === null ? null : Buffer.from(change.value).toString()
    if (last === value) return
  }
  assert.fail(`reads ${last} under ${key}, not ${value}, after ${LIMIT_MS} ms`)
}

async function read(api: NodeApi, key: string): Promise<string | null> {
  const found = await api.get(key)
  return found === null ? null : Buffer.from(found.value).toString()
}

describe('a store on Docker', () => {
  it('loses no acknowledged write when holders are killed in the midst of puts', async () => {
    await using running = await cluster()
    const { nodes } = running
    const [a, b, c, d] = [...nodes.values()].map(({ api }) => api)
    assert.ok(a && b && c && d)
    const kept = new Map<string, string>()
    const tried = new Map<string, string>()
    const put = async (api: NodeApi, key: string): Promise<boolean> => {
      const value = `value of ${key}`
      tried.set(key, value)
      try {
        await api.put(key, Buffer.from(value))
      } catch {
        return false
      }
      kept.set(key, value)
      return true
    }
    // B writes one after the other until it is no more; so does A, and goes on.
    const half = Promise.withResolvers<void>()
    const writeAtB = async (): Promise<void> => {
      for (let count = 0; await put(b, `b-${count}`); count += 1) if (count === 20) half.resolve()
    }
    const writeAtA = async (): Promise<void> => {
      for (let count = 0; count < 60; count += 1) await put(a, `a-${count}`)
    }
    const writing = [writeAtA(), writeAtB()]
    await half.promise
    await nodes.get('B')?.kill()
    await Promise.all(writing)
    assert.ok(kept.size > 60, `${kept.size}`)
    assert.equal([...kept.keys()].filter((key) => key.startsWith('a-')).length, 60)
    // Its store opens, whatever it was writing; then the other writer is no more.
    const again = await running.start('B')
    await untilListed(again)
    await nodes.get('A')?.kill()
    for (const [key, value] of tried) {
      for (const api of [again, c, d]) {
        const found = await read(api, key)
        if (found === null) assert.equal(kept.has(key), false, `${key} is lost`)
        else assert.equal(found, value)
      }
    }
  })

  it('has the newest of both sides once a partition heals, and what was deleted stays so', async () => {
    await using running = await cluster()
    const { lab, nodes } = running
    const [a, b, c, d] = [...nodes.values()].map(({ api }) => api)
    assert.ok(a && b && c && d)
    const first = await a.put('deleted', Buffer.from('first'), { replicas: OTHERS })
    await lab.block(between(['A', 'B'], ['C', 'D']))
    const one = { replicas: 1 }
    const older = await a.put('written', Buffer.from('older'), one)
    await a.put('deleted', Buffer.from('second'), one)
    const newer = await c.put('written', Buffer.from('newer'), one)
    await c.delete('deleted', one)
    assert.equal(await read(b, 'written'), 'older')
    assert.equal(await read(d, 'written'), 'newer')
    assert.notEqual(older.version, newer.version)
    await lab.block([])
    for (const api of [a, b, c, d]) {
      await untilReads(api, 'written', 'newer', null)
      await untilReads(api, 'deleted', null, first.version)
    }
  })
})

/** All that nodes of one side send to those of the other. */
function between(one: readonly string[], other: readonly string[]): Block[] {
  return one.flatMap((from) =>
    other.flatMap((to): Block[] => [
      { from, to, by: 'drop', port: null },
      { from: to, to: from, by: 'drop', port: null },
    ]),
  )
}
