import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Determinism, differenceLines } from '#orchestrator/commands/determinism.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

function event(text: string): RunEvent {
  return { type: 'progress', text, variant: null, atMs: 1 }
}

function compared(first: string[], second: string[]): Determinism {
  const determinism = new Determinism()
  for (const text of first) determinism.record(event(text))
  for (const text of second) determinism.compare(event(text))
  return determinism
}

describe('two runs', () => {
  it('are the same where every event is', () => {
    const runs = compared(['a', 'b'], ['a', 'b'])
    assert.equal(runs.difference(), null)
    assert.equal(runs.count, 2)
  })

  it('differ from the first event on that is another', () => {
    const difference = compared(['a', 'b', 'c'], ['a', 'x', 'y']).difference()
    assert.equal(difference?.event, 2)
    assert.match(difference.first ?? '', /"b"/)
    assert.match(difference.second ?? '', /"x"/)
  })

  it('differ where one ends before the other', () => {
    assert.equal(compared(['a', 'b'], ['a']).difference()?.second, null)
    assert.equal(compared(['a'], ['a', 'b']).difference()?.first, null)
  })

  it('show the place where long events part', () => {
    const common = 'x'.repeat(500)
    const runs = compared([`${common}1${common}`], [`${common}2${common}`])
    const difference = runs.difference()
    assert.ok(difference !== null)
    const [head, first, second] = differenceLines(difference)
    assert.match(head ?? '', /from event 1 \(progress\) on/)
    assert.match(first ?? '', /^ {2}first {3}…x+1x+…$/)
    assert.match(second ?? '', /^ {2}second {2}…x+2x+…$/)
  })
})
