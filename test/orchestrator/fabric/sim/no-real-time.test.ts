import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { runScenario } from '#orchestrator/run/run.ts'
import { timeline } from '#orchestrator/time/timeline.ts'

/** What comes to rest before a turn of the event loop ends, and the turns of simulated time themselves. */
const AT_REST = new Set(['TickObject', 'Microtask', 'Immediate'])

/** Runs a scenario in simulated time; tells what of the real world its code set going, and whether it holds. */
async function runWatched(
  name: string,
): Promise<{ holds: boolean; timers: number; awaited: string[] }> {
  const { scenario } = await findScenario(name)
  const fabric = createSimFabric()
  // Loaded before, as its files are read in real time.
  await import('#orchestrator/fabric/sim/node.ts')
  const types = new Map<number, string>()
  const awaited = new Set<string>()
  let timers = 0
  const hook = createHook({
    trackPromises: false,
    init(id, type) {
      if (timeline() === null) return
      if (type === 'Timeout') timers += 1
      types.set(id, type)
    },
    // Of what is synchronous (all of the nodes' cryptography) this is never called.
    before(id) {
      const type = types.get(id)
      if (type !== undefined && !AT_REST.has(type)) awaited.add(type)
    },
  })
  const { holds } = await fabric.withClock(1, async (clock) => {
    hook.enable()
    try {
      return await runScenario(
        { fabric, clock, proveRouters },
        {
          scenario: name,
          title: '',
          seed: 1,
          fabricDetail: '',
          versions: {},
          plans: planScenario(scenario, { seed: 1, sameSubnets: true }),
          replan: () => [],
          keep: false,
          signal: new AbortController().signal,
          onEvent: () => undefined,
        },
      )
    } finally {
      hook.disable()
    }
  })
  return { holds, timers, awaited: [...awaited] }
}

describe('a run in simulated time', () => {
  for (const name of ['nat-two-nodes', 'late-bootstrap']) {
    it(`sets no timer of the real clock and waits for nothing outside its thread: ${name}`, async () => {
      assert.deepEqual(await runWatched(name), { holds: true, timers: 0, awaited: [] })
    })
  }
})
