import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  countAtShare,
  labelledEvents,
  nearestTo,
  playMs,
  timeScale,
} from '#orchestrator/picture/time-scale.ts'

describe('the scale of a timeline', () => {
  const times = [0, 0, 0, 1, 1, 6000, 6001]
  const scale = timeScale(times)

  it('keeps order, events of one moment apart, and begins and ends at its borders', () => {
    assert.equal(scale[0], 0)
    assert.equal(scale.at(-1), 1)
    for (const [at, place] of scale.slice(1).entries()) assert.ok(place > (scale[at] ?? 1))
  })

  it('shows a long silence as longer than a short one, and leaves room for both', () => {
    const gaps = scale.map((place, at) => place - (scale[at - 1] ?? 0))
    const [, next = 0, , millisecond = 0, , seconds = 0] = gaps
    assert.ok(seconds > millisecond && millisecond > next)
    assert.ok(seconds < 0.7)
  })

  it('is defined for one event and for none', () => {
    assert.deepEqual(timeScale([5]), [0])
    assert.deepEqual(timeScale([]), [])
  })

  it('counts who has come, and finds the nearest', () => {
    for (const [at, place] of scale.entries()) {
      assert.equal(countAtShare(scale, place), at + 1)
      assert.equal(nearestTo(scale, place + 0.001), at)
    }
    assert.equal(countAtShare(scale, -1), 0)
    assert.deepEqual([nearestTo(scale, -1), nearestTo(scale, 2), nearestTo([], 0)], [0, 6, -1])
  })

  it('labels the first event and what came after silence, never one time twice, never too near', () => {
    assert.deepEqual(labelledEvents(times, scale, 0.01), [0, 3, 5, 6])
    assert.deepEqual(labelledEvents(times, scale, 0.3), [0, 5])
    const many = Array.from({ length: 10_000 }, (_, at) => at * 3)
    const labelled = labelledEvents(many, timeScale(many), 0.06)
    assert.ok(labelled.length > 5 && labelled.length <= 17, String(labelled.length))
  })

  it('is played in seconds, not in minutes', () => {
    assert.deepEqual([playMs(1), playMs(26), playMs(10_000)], [1500, 3120, 20_000])
  })
})
