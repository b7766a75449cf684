import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '#node/time/clock.ts'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { runScenario } from '#orchestrator/run/run.ts'
import { createFakeFabric, type FakeFabric, proveAll } from '#test/support/fake-fabric.ts'

const { scenario } = await findScenario('nat-two-nodes')

async function run(
  fabric: FakeFabric,
  {
    signal = new AbortController().signal,
    onEvent,
  }: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void } = {},
): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  await runScenario(
    { fabric, clock: systemClock, proveRouters: proveAll },
    {
      scenario: scenario.name,
      title: scenario.title,
      seed: 1,
      fabricDetail: '',
      versions: {},
      plans: planScenario(scenario, { seed: 1, taken: [] }),
      replan: () => planScenario(scenario, { seed: 1, taken: [] }),
      keep: false,
      signal,
      onEvent(event) {
        events.push(event)
        onEvent?.(event)
      },
    },
  )
  return events
}

/** An event without what depends on the moment. */
function timeless(event: RunEvent): unknown {
  return JSON.parse(
    JSON.stringify(event, (key, value: unknown) =>
      /Ms$|^startedAt$|^timings$/.test(key) ? null : value,
    ),
  )
}

describe('nodes of the next variant that are made ready ahead', () => {
  it('are ready before those of this one end, and begin after these ended and NATs were flushed', async () => {
    const fabric = createFakeFabric({ startsAhead: true })
    await run(fabric)
    const nodes = fabric.calls.filter((call) => /^(ready|start|stop|flush) /.test(call))
    const begun = ['start A', 'start B']
    const [ready, ended] = [
      ['ready A', 'ready B'],
      ['stop A', 'stop B', 'flush all'],
    ]
    assert.deepEqual(nodes, [
      ...ready,
      ...begun,
      ...ready,
      ...ended,
      ...begun,
      ...ready,
      ...ended,
      ...begun,
      'stop A',
      'stop B',
    ])
  })

  it('change nothing of what a run tells, nor the order in which it does', async () => {
    const [ahead, each] = await Promise.all(
      [true, false].map((startsAhead) => run(createFakeFabric({ startsAhead }))),
    )
    assert.deepEqual(ahead?.map(timeless), each?.map(timeless))
  })

  it('never begin where the run is given up, and nothing is left', async () => {
    const fabric = createFakeFabric({ startsAhead: true })
    const given = new AbortController()
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'expectation') given.abort(new Error('enough'))
    }
    await assert.rejects(run(fabric, { signal: given.signal, onEvent }), /enough/)
    assert.equal(fabric.calls.filter((call) => call === 'ready A').length, 2)
    assert.equal(fabric.calls.filter((call) => call === 'start A').length, 1)
    assert.deepEqual([...fabric.up], [])
  })
})
