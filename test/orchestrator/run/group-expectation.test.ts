import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeApi } from '#node/api/node-api.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { systemClock } from '#node/time/clock.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { awaitExpectations } from '#orchestrator/run/expectations.ts'
import { createWatch } from '#orchestrator/run/watch.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

/** Four nodes that list whom they are told to list. */
class Four {
  readonly watch = createWatch()
  readonly #listed = new Set<string>()
  asked = 0

  list(observer: string, target: string, listed = true): void {
    if (listed) this.#listed.add(`${observer} ${target}`)
    else this.#listed.delete(`${observer} ${target}`)
    this.watch.notify(observer, 'listed')
  }

  async expect(expectation: string): Promise<ExpectationResult[]> {
    const scenario = scenarioOf(`
name: four
title: four
sites: { net: { nat: public } }
nodes: { n: { site: net, count: 4 } }
steps: [{ expect: [${expectation}] }]
`)
    const step = planScenario(scenario, { seed: 1 })[0]?.variants[0]?.steps[0]
    assert.ok(step?.word === 'expect')
    const results: ExpectationResult[] = []
    await awaitExpectations(
      step.expectations,
      {
        watch: this.watch,
        clock: systemClock,
        nodes: {
          api: (observer) => this.#api(observer),
          peerId: (node) => node,
          nameOf: (peerId) => peerId,
          knowsOnlyFormer: () => false,
          hasDialled: () => false,
          tableHealth: () => ({ recall: 1, dead: 0, contacts: 0, missing: [] }),
          connectedSinceChange: () => false,
          isAlive: () => Promise.resolve(true),
        },
      },
      { signal: new AbortController().signal, onResult: (result) => results.push(result) },
    )
    return results
  }

  #api(observer: string): NodeApi {
    const api: Partial<NodeApi> = {
      discovery: async ({ targets = [] } = {}) => {
        this.asked += 1
        return targets.map((peerId): Sighting => {
          const listed = this.#listed.has(`${observer} ${peerId}`)
          return {
            peerId,
            rung: listed ? 'listed' : 'unknown',
            connected: null,
            listed,
            dialable: null,
            announced: null,
            cause: listed ? null : 'NEVER_DIALLED',
            evidence: null,
            remedy: null,
          }
        })
      },
    }
    return api as NodeApi
  }
}

describe('an expectation of a group', () => {
  it('holds once all hold, and says how many', async () => {
    const four = new Four()
    const expected = four.expect('{ observer: { every: n }, lists: n-1, within: 60s }')
    for (const name of ['n-2', 'n-3', 'n-4']) {
      setImmediate(() => four.list(name, 'n-1'))
    }
    const results = await expected
    assert.equal(results.length, 1)
    assert.partialDeepStrictEqual(results[0], {
      text: 'every n lists n-1',
      observer: 'every n',
      target: 'n-1',
      holds: true,
      seen: '3 of 3',
    })
  })

  it('falls by one, and names it with what was seen of it', async () => {
    const four = new Four()
    four.list('n-2', 'n-1')
    four.list('n-4', 'n-1')
    const [result] = await four.expect('{ observer: { every: n }, lists: n-1, within: 50ms }')
    assert.equal(result?.holds, false)
    assert.equal(result?.seen, '2 of 3; n-3: not listed: NEVER_DIALLED')
  })

  it('of some holds with the first, and waits for nobody else', async () => {
    const four = new Four()
    four.list('n-3', 'n-1')
    const [result] = await four.expect('{ observer: { some: n }, lists: n-1, within: 10m }')
    assert.equal(result?.holds, true)
    assert.equal(result?.seen, '1 of 3')
  })

  it('of at least so many holds with so many, and falls with one less', async () => {
    for (const [listed, holds] of [
      [2, true],
      [1, false],
    ] as const) {
      const four = new Four()
      for (const name of ['n-2', 'n-3'].slice(0, listed)) four.list(name, 'n-1')
      const [result] = await four.expect(
        '{ observer: { at-least: 2, of: n }, lists: n-1, within: 50ms }',
      )
      assert.equal(result?.holds, holds, result?.seen)
    }
  })

  it('counts observers and pairs where both sides are groups', async () => {
    const four = new Four()
    const names = ['n-1', 'n-2', 'n-3', 'n-4']
    for (const one of names) for (const other of names) four.list(one, other)
    four.list('n-2', 'n-4', false)
    const [fallen] = await four.expect(
      '{ observer: { every: n }, lists: { every: n }, within: 50ms }',
    )
    assert.equal(fallen?.seen, '3 of 4, 11 of 12 pairs; n-2 of n-4: not listed: NEVER_DIALLED')
    const [some] = await four.expect(
      '{ observer: { at-least: 4, of: n }, lists: { some: n }, within: 50ms }',
    )
    assert.equal(some?.holds, true)
  })

  it('must hold at the end of its step too', async () => {
    const four = new Four()
    for (const name of ['n-2', 'n-3', 'n-4']) four.list(name, 'n-1')
    const expected = four.expect(
      '{ observer: { every: n }, lists: n-1, within: 60ms }, { observer: n-2, lists: n-3, within: 60s }',
    )
    setTimeout(() => {
      four.list('n-4', 'n-1', false)
      four.list('n-2', 'n-3')
    }, 100)
    const results = await expected
    assert.deepEqual(
      results.map(({ text, holds }) => [text, holds]),
      [
        ['every n lists n-1', true],
        ['n-2 lists n-3', true],
        ['every n lists n-1 at the end of the step', false],
      ],
    )
  })

  it("asks a member again only after its own events, or its target's", async () => {
    const four = new Four()
    const expected = four.expect('{ observer: { every: n }, lists: n-1, within: 60s }')
    await new Promise(setImmediate)
    const before = four.asked
    for (let times = 0; times < 100; times++) {
      four.list('n-2', 'n-4')
      await new Promise(setImmediate)
    }
    const asked = four.asked - before
    for (const name of ['n-2', 'n-3', 'n-4']) four.list(name, 'n-1')
    await expected
    assert.ok(asked > 50 && asked <= 110, `asked ${asked} times after 100 events of n-2`)
  })
})
