import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeApi } from '#node/api/node-api.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { systemClock } from '#node/time/clock.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { awaitExpectations, type ExpectationComponents } from '#orchestrator/run/expectations.ts'
import { createStarvation, type Starvation } from '#orchestrator/run/starvation.ts'
import { createWatch, type Watch } from '#orchestrator/run/watch.ts'
import type { Expectation } from '#orchestrator/words/expectations/expectations.ts'
import type { LabNodes } from '#orchestrator/words/lab-nodes.ts'
import type { TableHealth } from '#orchestrator/words/table-health.ts'

const PENDING: Sighting = {
  peerId: 'peer-B',
  rung: 'addressable',
  connected: true,
  listed: false,
  dialable: null,
  announced: null,
  cause: 'PENDING',
  evidence: null,
  remedy: null,
}

/** Observer A, whose sighting of B can be changed, and who counts how often it is asked. */
class Observer implements LabNodes {
  readonly watch: Watch = createWatch()
  sighting: Sighting | Error = PENDING
  asked = 0
  starvation: Starvation | null = null
  /** Whether what A knows is of a life of B before its present one. */
  former = false
  /** Whether A has dialled B. */
  dialled = false
  /** Whether A connected to B since the last change. */
  anew = false
  /** Whether something comes back over A's connection. */
  alive = true
  onAsked: () => void = () => {}

  api(): NodeApi {
    const api: Partial<NodeApi> = {
      discovery: async () => {
        this.asked += 1
        this.onAsked()
        if (this.sighting instanceof Error) throw this.sighting
        return [this.sighting]
      },
    }
    return api as NodeApi
  }

  peerId(node: string): string {
    return `peer-${node}`
  }

  nameOf(peerId: string): string {
    return peerId.slice('peer-'.length)
  }

  #components(): ExpectationComponents {
    const { watch, starvation } = this
    const parts = { nodes: this, watch, clock: systemClock }
    return starvation === null ? parts : { ...parts, starvation }
  }

  knowsOnlyFormer(): boolean {
    return this.former
  }

  tableHealth(): TableHealth {
    return { recall: 1, dead: 0, contacts: 0, missing: [] }
  }

  hasDialled(): boolean {
    return this.dialled
  }

  isAlive(): Promise<boolean> {
    return Promise.resolve(this.alive)
  }

  connectedSinceChange(): boolean {
    return this.anew
  }

  see(change: Partial<Sighting>): void {
    this.sighting = { ...PENDING, ...change }
    this.watch.notify('A', 'sighting')
  }

  /** Awaits a step, and tells every result in the order in which it came. */
  async expectAll(
    expectations: Expectation[],
    onResult: (result: ExpectationResult) => void = () => {},
  ): Promise<{ holds: boolean; results: ExpectationResult[] }> {
    const results: ExpectationResult[] = []
    const holds = await awaitExpectations(expectations, this.#components(), {
      signal: new AbortController().signal,
      onResult(result) {
        results.push(result)
        onResult(result)
      },
    })
    return { holds, results }
  }

  async expect(
    expectation: Expectation,
    signal = new AbortController().signal,
  ): Promise<ExpectationResult> {
    const results: ExpectationResult[] = []
    await awaitExpectations([expectation], this.#components(), {
      signal,
      onResult: (result) => results.push(result),
    })
    const [result] = results
    assert.ok(result)
    return result
  }
}

const LONG_MS = 60_000
const lists: Expectation = { word: 'lists', observer: 'A', target: 'B', withinMs: LONG_MS }
const notLists: Expectation = {
  word: 'not-lists',
  observer: 'A',
  target: 'B',
  cause: null,
  withinMs: LONG_MS,
}

/** A machine on which one stood still, and for how long in all. */
function stoodStill(who: string, lateMs: number): Starvation {
  const starvation = createStarvation(systemClock)
  starvation.late(who, lateMs)
  return starvation
}

describe('an expectation on a machine that is too slow', () => {
  it('is not judged, and no result is told', async () => {
    for (const who of ['A', 'B', null]) {
      const observer = new Observer()
      observer.starvation = createStarvation(systemClock)
      setTimeout(() => observer.starvation?.late(who, 20), 30)
      const results: ExpectationResult[] = []
      await assert.rejects(
        observer.expectAll([{ ...lists, withinMs: 50 }], (result) => results.push(result)),
        {
          name: 'MachineTooSlowError',
          message:
            /^too slow a machine, not judged: A lists B \(saw not listed: PENDING; (A|B|the lab itself) stood still for 0\.0 s of 0\.\d s\); run it on/,
        },
      )
      assert.deepEqual(results, [])
    }
  })

  it('is given the time once more that was stood still', async () => {
    const observer = new Observer()
    observer.starvation = createStarvation(systemClock)
    setTimeout(() => observer.starvation?.late('B', 200), 250)
    setTimeout(() => observer.see({ listed: true, rung: 'listed' }), 400)
    assert.equal((await observer.expect({ ...lists, withinMs: 300 })).holds, true)
  })

  it('is judged where another node stood still, one did before, or one did for a moment', async () => {
    for (const starvation of [stoodStill('C', 5000), stoodStill('A', 5000), stoodStill('A', 0)]) {
      const observer = new Observer()
      observer.starvation = starvation
      assert.equal((await observer.expect({ ...lists, withinMs: 20 })).holds, false)
    }
  })
})

describe('an expectation', () => {
  for (const word of ['lists', 'connected', 'dialable'] as const) {
    it(`of the word ${word} is not held by what the observer knew of a former life`, async () => {
      const observer = new Observer()
      observer.former = true
      observer.see({ rung: 'dialable', listed: true, connected: true, dialable: true, cause: null })
      const { holds, seen } = await observer.expect({ ...lists, word, withinMs: 20 })
      assert.equal(holds, false)
      assert.match(seen, /, from before B was started again: A has not met it since$/)
      observer.former = false
      assert.equal((await observer.expect({ ...lists, word })).holds, true)
    })
  }

  it('comes true with the event that makes it true, and asks no more than events give reason to', async () => {
    const observer = new Observer()
    observer.onAsked = () => {
      if (observer.asked === 1) setImmediate(() => observer.see({ listed: true, rung: 'listed' }))
    }
    const result = await observer.expect(lists)
    assert.equal(result.holds, true)
    assert.ok(result.afterMs < LONG_MS / 2)
    // The first look, the one after the event, and the one at the end of the step.
    assert.equal(observer.asked, 3)
  })

  it('not to list who was never met proves nothing, and says so', async () => {
    const observer = new Observer()
    observer.see({ rung: 'unknown', connected: false, cause: 'NEVER_DIALLED' })
    const failed = await observer.expect({ ...notLists, withinMs: 20 })
    const held = await observer.expect({ ...notLists, cause: 'NEVER_DIALLED' })
    for (const [result, holds] of [
      [failed, false],
      [held, true],
    ] as const) {
      assert.equal(result.holds, holds)
      assert.equal(result.seen, 'not listed: NEVER_DIALLED; they never met, which proves nothing')
    }
    observer.see({ rung: 'unknown', connected: false, cause: 'DIAL_REFUSED' })
    assert.equal((await observer.expect(notLists)).seen, 'not listed: DIAL_REFUSED')
  })

  it('must last as long as it is told to, and says when it fell', async () => {
    const observer = new Observer()
    observer.see({ listed: true, rung: 'listed' })
    observer.onAsked = () => {
      if (observer.asked === 2) setImmediate(() => observer.see({ listed: false }))
    }
    const fallen = await observer.expect({ ...lists, staysMs: LONG_MS })
    assert.equal(fallen.holds, false)
    assert.equal(fallen.text, 'A lists B, for 1m')
    assert.match(fallen.seen, /^not listed: PENDING, \d+ ms after it had come true$/)
  })

  it('holds where nothing changes for as long as it must last', async () => {
    const observer = new Observer()
    observer.see({ listed: true, rung: 'listed' })
    const startedAt = performance.now()
    const lasted = await observer.expect({ ...lists, staysMs: 50 })
    assert.equal(lasted.holds, true)
    assert.ok(performance.now() - startedAt >= 49)
  })

  it('says by how much it came too late, and does not hold for that', async () => {
    const observer = new Observer()
    const timer = setTimeout(() => observer.see({ listed: true, rung: 'listed' }), 150)
    const late = await observer.expect({ ...lists, withinMs: 100 })
    clearTimeout(timer)
    assert.equal(late.holds, false)
    assert.match(late.seen, /^listed, \d+ ms after the deadline$/)
  })

  it('misses no event that comes while it looks', async () => {
    const observer = new Observer()
    observer.onAsked = () => {
      const first = observer.asked === 1
      queueMicrotask(() => {
        if (first) observer.see({ listed: true, rung: 'listed' })
      })
    }
    assert.equal((await observer.expect(lists)).holds, true)
  })

  it('does not take a peer for unlisted whose judgement is still to come', async () => {
    const observer = new Observer()
    observer.onAsked = () => {
      if (observer.asked === 1) setImmediate(() => observer.see({ cause: 'PING_FAILED' }))
    }
    const result = await observer.expect(notLists)
    assert.deepEqual([result.holds, result.seen], [true, 'not listed: PING_FAILED'])
    const pending = await new Observer().expect({ ...notLists, withinMs: 30 })
    assert.deepEqual([pending.holds, pending.seen], [false, 'not listed: PENDING'])
  })

  it('does not take an address for dead that nobody has dialled', async () => {
    const dead: Expectation = { ...notLists, word: 'not-dialable', withinMs: 30 }
    const observer = new Observer()
    observer.see({ rung: 'listed', listed: true, cause: 'LISTED_WITHOUT_ADDRESS' })
    assert.equal((await observer.expect(dead)).holds, false)
    observer.see({ rung: 'listed', listed: true, dialable: false, cause: 'ADDRESS_REFUSED' })
    assert.equal((await observer.expect(dead)).holds, true)
  })

  it('does not hold of an observer that does not answer, and says what it said', async () => {
    const observer = new Observer()
    observer.sighting = new Error('the line is dead')
    const result = await observer.expect({ ...notLists, withinMs: 30 })
    assert.deepEqual([result.holds, result.seen], [false, 'the line is dead'])
  })

  it('sees at its deadline what no event told', async () => {
    const observer = new Observer()
    const listed: Sighting = { ...PENDING, listed: true, rung: 'listed' }
    observer.onAsked = () => {
      setImmediate(() => {
        observer.sighting = listed
      })
    }
    const result = await observer.expect({ ...lists, withinMs: 30 })
    assert.equal(result.holds, true)
    assert.ok(result.afterMs >= 25)
  })

  it('is given up with the reason of the one who interrupts', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const observer = new Observer()
    observer.onAsked = () => controller.abort(reason)
    await assert.rejects(observer.expect(lists, controller.signal), reason)
  })
})

describe('the expectations of a step', () => {
  const dialable: Expectation = { ...lists, word: 'dialable', withinMs: 2000 }

  it('are told while others are still awaited', async () => {
    const observer = new Observer()
    observer.see({ listed: true, rung: 'listed' })
    const { holds } = await observer.expectAll([lists, dialable], ({ text }) => {
      if (text === 'A lists B') observer.see({ listed: true, dialable: true, rung: 'dialable' })
    })
    assert.equal(holds, true)
  })

  it('are told in the order of the scenario', async () => {
    const observer = new Observer()
    observer.onAsked = () => {
      // Each has looked once: the second holds, the first waits for the event.
      if (observer.asked === 2) {
        setImmediate(() => observer.see({ listed: true, dialable: true, rung: 'dialable' }))
      }
    }
    observer.see({ listed: true, rung: 'listed' })
    const { results } = await observer.expectAll([dialable, lists])
    assert.deepEqual(
      results.map(({ text, holds }) => [text, holds]),
      [
        ['A can dial B', true],
        ['A lists B', true],
      ],
    )
  })

  it('are told once more where they fell before the end', async () => {
    const observer = new Observer()
    observer.see({ listed: true, rung: 'listed' })
    const quick: Expectation = { ...lists, withinMs: 30 }
    const { holds, results } = await observer.expectAll([quick], () => {
      observer.see({ listed: false, cause: 'EVICTED' })
    })
    assert.equal(holds, false)
    assert.deepEqual(
      results.map(({ text, holds, seen }) => [text, holds, seen]),
      [
        ['A lists B', true, 'listed'],
        ['A lists B at the end of the step', false, 'not listed: EVICTED'],
      ],
    )
  })
})
