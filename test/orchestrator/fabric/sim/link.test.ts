import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Link } from '#orchestrator/fabric/sim/link.ts'
import { createRandom } from '#orchestrator/fabric/sim/random.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import { perfectLink } from './plans.ts'

function createLink(plan: Partial<LinkPlan>, seed = 1): Link {
  return new Link({ ...perfectLink, ...plan }, createRandom(seed, 'link'))
}

function arrivals(link: Link, count: number, bytes = 100): (number | null)[] {
  return Array.from({ length: count }, (_, index) => link.arrival('11.0.0.2', bytes, index))
}

describe('link', () => {
  it('delays by its latency', () => {
    assert.deepEqual(arrivals(createLink({ latencyMs: 20 }), 3), [20, 21, 22])
  })

  it('spreads by its jitter around the latency, and keeps the order', () => {
    const seen = arrivals(createLink({ latencyMs: 20, jitterMs: 10 }), 500).map(Number)
    seen.forEach((ms, index) => {
      assert.ok(ms >= index + 10 && ms <= index + 30)
      assert.ok(index === 0 || ms >= Number(seen[index - 1]))
    })
    assert.ok(new Set(seen.map((ms, index) => ms - index)).size > 10)
  })

  it('becomes another in mid-run, for what is sent from then on', () => {
    const link = createLink({ latencyMs: 500 })
    assert.equal(link.arrival('11.0.0.2', 100, 0), 500)
    link.shape({ ...perfectLink, latencyMs: 10 })
    assert.equal(link.arrival('11.0.0.2', 100, 1), 11)
    assert.equal(link.arrival('11.0.0.2', 100, 600), 610)
    link.shape({ ...perfectLink, rateBps: 8000 })
    assert.deepEqual(
      [700, 700].map((ms) => link.arrival('11.0.0.2', 100, ms)),
      [800, 900],
    )
    link.shape({ ...perfectLink, rateBps: 80_000 })
    assert.equal(link.arrival('11.0.0.2', 100, 710), 720)
  })

  it('sends one packet after the other at its rate', () => {
    const link = createLink({ rateBps: 8000 })
    assert.deepEqual(arrivals(link, 3), [100, 200, 300])
  })

  it('drops what its queue has no room for', () => {
    const link = createLink({ rateBps: 1_000_000 })
    const seen = Array.from({ length: 400 }, () => link.arrival('11.0.0.2', 1000, 0))
    const delivered = seen.filter((ms) => ms !== null)
    assert.ok(delivered.length >= 262 && delivered.length < 300)
    assert.ok(link.arrival('11.0.0.2', 1000, 10_000) !== null)
  })

  it('loses its share of packets', () => {
    const lost = arrivals(createLink({ loss: 0.25 }), 4000).filter((ms) => ms === null).length
    assert.ok(lost > 850 && lost < 1150, `${lost} of 4000`)
  })

  it('does the same for the same seed, and not for another', () => {
    const plan = { latencyMs: 20, jitterMs: 10, loss: 0.1 }
    const first = arrivals(createLink(plan, 7), 100)
    assert.deepEqual(arrivals(createLink(plan, 7), 100), first)
    assert.notDeepEqual(arrivals(createLink(plan, 8), 100), first)
  })
})
