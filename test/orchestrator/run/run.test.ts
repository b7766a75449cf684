import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemClock } from '#node/time/clock.ts'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { FabricError, SubnetTakenError } from '#orchestrator/fabric/errors.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { NatProofError } from '#orchestrator/proof/prove.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { type RunComponents, type RunOutcome, runScenario } from '#orchestrator/run/run.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import {
  createFakeFabric,
  type FakeFabric,
  proveAll,
  provenRouters,
} from '#test/support/fake-fabric.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

interface Run {
  outcome: RunOutcome
  events: RunEvent[]
}

async function run(
  scenario: Scenario,
  fabric: FakeFabric,
  options: {
    signal?: AbortSignal
    keep?: boolean
    prove?: RunComponents['proveRouters']
    events?: RunEvent[]
    onEvent?: (event: RunEvent) => void
  } = {},
): Promise<Run> {
  const events = options.events ?? []
  const outcome = await runScenario(
    {
      fabric,
      clock: systemClock,
      proveRouters: options.prove ?? proveAll,
    },
    {
      scenario: scenario.name,
      title: scenario.title,
      seed: 1,
      fabricDetail: '',
      versions: {},
      plans: planScenario(scenario, { seed: 1, taken: await fabric.takenSubnets() }),
      replan: (taken) => planScenario(scenario, { seed: 1, taken }),
      keep: options.keep ?? false,
      signal: options.signal ?? new AbortController().signal,
      onEvent(event) {
        events.push(event)
        options.onEvent?.(event)
      },
    },
  )
  return { outcome, events }
}

function ofType<T extends RunEvent['type']>(
  events: RunEvent[],
  type: T,
): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
}

const natTwoNodes = (await findScenario('nat-two-nodes')).scenario

const hangs = (): Promise<never> => Promise.reject(new Error('it hangs'))

/** B must list A within a time that is long enough for any event and short enough to wait for. */
function tiny(expectation: string, extra = ''): Scenario {
  return scenarioOf(`
name: tiny
title: tiny
sites: { a: { nat: one-to-one }, b: { nat: one-to-one } }
nodes: { A: { site: a }, B: { site: b, bootstrap: [A] } }
steps:
${extra}  - expect: [{ ${expectation} }]
`)
}

const proveWithOneWrong: RunComponents['proveRouters'] = (_lab, plan, { onProof }) => {
  const proofs = provenRouters(plan).map((proof) =>
    proof.router === 'b-router' ? { ...proof, holds: false, differences: ['mapping'] } : proof,
  )
  for (const proof of proofs) onProof(proof)
  return Promise.reject(new NatProofError(proofs))
}

describe('a run', () => {
  it('shows the bug, its client twin and the cure, and all three hold', async () => {
    const fabric = createFakeFabric()
    const { outcome, events } = await run(natTwoNodes, fabric)
    assert.equal(outcome.holds, true)
    assert.deepEqual(
      ofType(events, 'variant-end').map(({ variant, holds }) => [variant, holds]),
      [
        ['bug', true],
        ['client', true],
        ['fixed', true],
      ],
    )
    const [bug, client, fixed] = ofType(events, 'cells').map(({ cells }) => cells)
    assert.deepEqual(
      bug?.map(({ observer, target, cause }) => [observer, target, cause]),
      [
        ['A', 'B', 'ONLY_PRIVATE_ADDRESSES'],
        ['B', 'A', null],
      ],
    )
    assert.equal(bug?.[0]?.remedy?.set, 'PUBLIC_IP=11.0.0.12')
    assert.equal(client?.[0]?.cause, 'CLIENT_MODE')
    assert.ok(fixed?.every(({ rung }) => rung === 'dialable'))
  })

  it('shares one lab between variants that differ in settings, and flushes the routers between them', async () => {
    const fabric = createFakeFabric()
    await run(natTwoNodes, fabric)
    assert.equal(fabric.calls.filter((call) => call.startsWith('up ')).length, 1)
    assert.equal(fabric.calls.filter((call) => call === 'flush all').length, 2)
    assert.equal(fabric.calls.at(-1), 'down fake-1')
    assert.equal(fabric.up.size, 0)
  })

  it('asks no node at the end that is still paused, and stops it', async () => {
    const fabric = createFakeFabric()
    const { events } = await run(tiny('observer: A, lists: B', '  - { pause: B }\n'), fabric)
    const [cells] = ofType(events, 'cells').map(({ cells }) => cells)
    assert.deepEqual(
      cells?.map(({ observer, target }) => [observer, target]),
      [['A', 'B']],
    )
    assert.deepEqual(Object.keys(ofType(events, 'variant-end')[0]?.announced ?? {}), ['A'])
    assert.ok(fabric.calls.includes('pause B') && fabric.calls.includes('stop B'))
  })

  it('tells what came true, what was expected and what was seen', async () => {
    const { outcome, events } = await run(
      tiny('observer: A, not-lists: B, cause: CLIENT_MODE, within: 50ms'),
      createFakeFabric(),
    )
    assert.equal(outcome.holds, false)
    const [result] = ofType(events, 'expectation').map(({ result }) => result)
    assert.equal(result?.text, 'A does not list B: CLIENT_MODE')
    assert.equal(result?.expected, 'not listed: CLIENT_MODE')
    assert.equal(result?.seen, 'not listed: ONLY_PRIVATE_ADDRESSES')
    assert.equal(result?.holds, false)
    assert.deepEqual(
      ofType(events, 'router-state').map(({ router }) => router),
      ['a-router', 'b-router'],
    )
  })

  it('awaits an event rather than giving the first answer', async () => {
    let lists = false
    const events: RunEvent[] = []
    const fabric = createFakeFabric({
      judge: () =>
        lists
          ? { rung: 'dialable', connected: true, listed: true, dialable: true, cause: null }
          : { rung: 'addressable', connected: true, listed: false, cause: 'PENDING' },
      onStartNode: (node) => {
        if (node.name === 'C') lists = true
      },
    })
    const scenario = scenarioOf(`
name: late
title: late
sites: { a: { nat: one-to-one }, b: { nat: one-to-one } }
nodes:
  A: { site: a }
  B: { site: b, bootstrap: [A] }
  C: { site: b, bootstrap: [A], autostart: false }
variants:
  never: { steps: [{ expect: [{ observer: B, lists: A, within: 50ms }] }, { start: C }] }
  once: { steps: [{ start: C }, { expect: [{ observer: B, lists: A }] }] }
`)
    await run(scenario, fabric, { events })
    assert.deepEqual(
      ofType(events, 'expectation').map(({ result }) => result.holds),
      [false, true],
    )
  })

  it('does not take a state for held that falls before the step ends', async () => {
    let looks = 0
    const fabric = createFakeFabric({
      judge: (observer) => {
        if (observer.name !== 'B')
          return { rung: 'unknown', connected: false, cause: 'NEVER_DIALLED' }
        looks += 1
        return looks <= 2
          ? { rung: 'listed', connected: true, listed: true, cause: 'NOT_DIALLED_BACK' }
          : { rung: 'unknown', connected: false, listed: false, cause: 'CONNECTION_LOST' }
      },
    })
    const { outcome } = await run(tiny('observer: B, lists: A, within: 100ms'), fabric)
    assert.equal(outcome.holds, false)
  })

  it('stores, reads, provides and finds', async () => {
    const scenario = tiny(
      'node: A, reads: k, value: v }, { node: A, finds-provider: k, provider: B',
      '  - { node: B, put: k, value: v }\n  - { node: B, provide: k }\n',
    )
    const { outcome, events } = await run(scenario, createFakeFabric())
    assert.equal(outcome.holds, true)
    assert.deepEqual(
      ofType(events, 'expectation').map(({ result }) => [result.text, result.seen]),
      [
        ['B puts k', 'stored on 1 other peer'],
        ['B provides k', 'announced to 1 other peer'],
        ['A reads k', "'v'"],
        ['A finds that B provides k', 'B'],
      ],
    )
  })

  it('takes a refused put for what it is, and a stored one not', async () => {
    const alone = tiny('node: B, put-fails: k, value: v', '  - { stop: A }\n')
    assert.equal((await run(alone, createFakeFabric())).outcome.holds, true)
    const stored = await run(tiny('node: B, put-fails: k, value: v'), createFakeFabric())
    assert.equal(stored.outcome.holds, false)
    assert.equal(ofType(stored.events, 'expectation')[0]?.result.seen, 'stored on 1 other peer')
  })

  it('plans anew where another run took the subnet in the meantime', async () => {
    const taken: string[] = []
    const fabric = createFakeFabric({
      taken: () => taken,
      onStart: (plan) => {
        const subnet = plan.networks[1]?.subnet ?? ''
        if (subnet !== '10.1.0.0/24') return
        taken.push(subnet)
        throw new SubnetTakenError('a', subnet)
      },
    })
    const { outcome, events } = await run(natTwoNodes, fabric)
    assert.equal(outcome.holds, true)
    assert.notEqual(ofType(events, 'plan')[0]?.plan.networks[1]?.subnet, '10.1.0.0/24')
  })

  it('gives up where the subnets are always taken', async () => {
    let starts = 0
    const fabric = createFakeFabric({
      onStart: () => {
        starts += 1
        throw new SubnetTakenError('a', '10.1.0.0/24')
      },
    })
    await assert.rejects(run(natTwoNodes, fabric), { name: 'SubnetTakenError' })
    assert.ok(starts > 1 && starts < 20)
  })

  it('ends before any node starts where a router is not what its preset says', async () => {
    const fabric = createFakeFabric()
    const events: RunEvent[] = []
    await assert.rejects(run(natTwoNodes, fabric, { prove: proveWithOneWrong, events }), {
      name: 'NatProofError',
    })
    // There is no report that could hold it.
    assert.deepEqual(ofType(events, 'router-state'), [])
    assert.ok(!fabric.calls.some((call) => call.startsWith('start')))
    assert.equal(fabric.up.size, 0)
  })

  it('leaves nothing behind where a node does not start, and tells why', async () => {
    const fabric = createFakeFabric({
      onStartNode: (node) => {
        if (node.name === 'B') throw new Error('B died at start')
      },
    })
    await assert.rejects(run(natTwoNodes, fabric), /B died at start/)
    assert.equal(fabric.up.size, 0)
  })

  it('leaves nothing behind where it is interrupted while it waits', async () => {
    const controller = new AbortController()
    const fabric = createFakeFabric({ judge: () => ({}) })
    const reason = new Error('interrupted')
    const running = run(natTwoNodes, fabric, {
      signal: controller.signal,
      onEvent({ type }) {
        // By then it has looked, and waits for news.
        if (type === 'step') setImmediate(() => controller.abort(reason))
      },
    })
    await assert.rejects(running, reason)
    assert.equal(fabric.up.size, 0)
  })

  it('keeps the last lab and its nodes up where it is told to', async () => {
    const fabric = createFakeFabric()
    const { outcome, events } = await run(natTwoNodes, fabric, { keep: true })
    assert.deepEqual([...fabric.up].toSorted(), ['fake-1', 'fake-1/A', 'fake-1/B'])
    assert.match(ofType(events, 'kept')[0]?.text ?? '', /fake-1/)
    await outcome.kept?.stop()
  })

  it('starts a node once the nodes of its bootstrap listen, unless it starts anyhow', async () => {
    const starts: string[] = []
    for (const [how, expected] of [
      ['after-bootstrap', ['A', 'A listens', 'B', 'B listens']],
      ['anyhow', ['B', 'A', 'B listens', 'A listens']],
    ] as const) {
      starts.length = 0
      const fabric = createFakeFabric({
        onStartNode: async ({ name }) => {
          starts.push(name)
          await nextTurn()
          starts.push(`${name} listens`)
        },
      })
      const scenario = tiny('observer: B, lists: A')
      scenario.nodes = {
        B: { site: 'b', bootstrap: ['A'], start: how },
        A: { site: 'a' },
      }
      await run(scenario, fabric)
      assert.deepEqual(starts, expected)
    }
  })

  it('fails with what the first node failed with where another waits for it', async () => {
    const fabric = createFakeFabric({
      onStartNode: ({ name }) => {
        if (name === 'A') throw new FabricError('A ended with exit code 1')
      },
    })
    await assert.rejects(run(tiny('observer: B, lists: A'), fabric), /A ended with exit code 1/)
    assert.deepEqual([...fabric.up], [])
  })

  it('does not say of a node that does not answer that it announces nothing', async () => {
    const fabric = createFakeFabric()
    const start = fabric.start.bind(fabric)
    fabric.start = async (plan, options) => {
      const lab = await start(plan, options)
      const startNode = lab.startNode.bind(lab)
      lab.startNode = async (node, how) => {
        const started = await startNode(node, how)
        if (node.name !== 'A') return started
        return { ...started, api: { ...started.api, status: hangs } }
      }
      return lab
    }
    const { events } = await run(tiny('observer: B, lists: A'), fabric)
    const [end] = ofType(events, 'variant-end')
    assert.deepEqual(end?.announced, { A: null, B: ['/ip4/10.2.0.10/tcp/3000'] })
  })

  for (const [what, event, error] of [
    [
      'a router dies',
      { type: 'router-exit', router: 'a-router', exitCode: 137, lastLines: [] },
      {
        name: 'RouterDiedError',
        message: /router `a-router` ended with exit code 137 .*judges nothing/,
      },
    ],
    [
      'an engine of several leaves',
      { type: 'engine-lost', engine: 'tcp://two:2375', error: 'its stream of events ended' },
      {
        name: 'EngineLostError',
        message: /engine `tcp:..two:2375` left .*\(its stream of events ended\).*judges nothing/,
      },
    ],
  ] as const) {
    it(`is given up where ${what}: what nodes see from then on is not of the plan`, async () => {
      const { scenario } = await findScenario('nat-two-nodes', { directory: process.cwd() })
      const fabric = createFakeFabric()
      const start = fabric.start.bind(fabric)
      const events: RunEvent[] = []
      const dying: FakeFabric = {
        ...fabric,
        start: async (plan, options) => {
          const lab = await start(plan, options)
          options.onEvent(event.type === 'router-exit' ? { ...event, lastLines: [] } : event)
          return lab
        },
      }
      await assert.rejects(run(scenario, dying, { events }), error)
      assert.equal(fabric.up.size, 0)
      assert.ok(!events.some(({ type }) => type === 'expectation'))
    })
  }
})
