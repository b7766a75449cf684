import { systemClock } from '#node/time/clock.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { runScenario } from '#orchestrator/run/run.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { createFakeFabric, type FakeFabricOptions, proveAll } from './fake-fabric.ts'

/** Every event of a whole run of a scenario on the fake fabric. */
export async function eventsOf(
  scenario: Scenario,
  options: FakeFabricOptions = {},
): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  const fabric = createFakeFabric(options)
  await runScenario(
    {
      fabric,
      clock: systemClock,
      proveRouters: proveAll,
    },
    {
      scenario: scenario.name,
      title: scenario.title,
      seed: 1,
      fabricDetail: 'a fake fabric',
      versions: { kadlab: '0.1.0', libp2p: '3.3.11', node: '24.21.0' },
      plans: planScenario(scenario, { seed: 1, taken: await fabric.takenSubnets() }),
      replan: (taken) => planScenario(scenario, { seed: 1, taken }),
      keep: false,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    },
  )
  return events
}
