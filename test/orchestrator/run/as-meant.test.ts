import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '#node/view/cell.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { asMeant } from '#orchestrator/run/as-meant.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const cell = (observer: string, target: string, cause: Cell['cause']): Cell => ({
  observer,
  target,
  rung: cause === null ? 'dialable' : 'identified',
  connected: true,
  listed: cause === null,
  dialable: cause === null,
  cause,
  evidence: null,
  remedy: null,
})

const result = (
  word: string,
  holds: boolean,
  [observer, target]: readonly [string, string] = ['A', 'B'],
): ExpectationResult => ({
  word,
  observer,
  target,
  key: null,
  cause: null,
  text: '',
  holds,
  expected: '',
  seen: '',
  afterMs: 0,
})

const [plan] = planScenario(
  scenarioOf(
    'name: t\ntitle: t\nsites: { net: { nat: public } }\nnodes: { A: { site: net }, B: { site: net, env: { KAD_MODE: client } } }',
  ),
  { seed: 1 },
)
const variant = plan?.variants[0]
assert.ok(variant)
const meant = (cells: Cell[], ...results: ExpectationResult[]): Cell['meant'][] =>
  asMeant(cells, results, variant).map((each) => each.meant)

/** A variant that expects of so much of a group that it does not list B. */
function expectedOf(who: string): NonNullable<typeof variant> {
  const [grouped] = planScenario(
    scenarioOf(`
name: t
title: t
sites: { net: { nat: public } }
nodes: { A: { site: net }, B: { site: net } }
steps: [{ expect: [{ observer: { ${who}: net }, not-lists: B }] }]
`),
    { seed: 1 },
  )
  assert.ok(grouped?.variants[0])
  return grouped.variants[0]
}

describe('a cell is as it was meant to be', () => {
  it('where a failure was expected and came', () => {
    const cells = [cell('A', 'B', 'ONLY_PRIVATE_ADDRESSES'), cell('B', 'A', 'DIAL_TIMED_OUT')]
    assert.deepEqual(meant(cells, result('not-lists', true)), ['expected', undefined])
    assert.deepEqual(meant(cells, result('not-dialable', true, ['B', 'A'])), [
      undefined,
      'expected',
    ])
  })

  it('and not where anything expected of the pair did not hold', () => {
    const cells = [cell('A', 'B', 'CLIENT_MODE')]
    const results = [result('not-lists', true), result('connected', false)]
    assert.deepEqual(meant(cells, ...results), [undefined])
  })

  it('and not for an expectation of what works', () => {
    assert.deepEqual(meant([cell('A', 'B', 'PENDING')], result('connected', true)), [undefined])
  })

  it('where the target is a client by its own setting, and only of that cause', () => {
    const cells = [
      cell('A', 'B', 'CLIENT_MODE'),
      cell('B', 'A', 'CLIENT_MODE'),
      cell('A', 'B', 'DIAL_TIMED_OUT'),
    ]
    assert.deepEqual(meant(cells), ['set', undefined, undefined])
  })

  it('and says nothing of one on the top rung', () => {
    assert.deepEqual(meant([cell('A', 'B', null)], result('not-lists', true)), [undefined])
  })

  it('where it was expected of all of a group, and not where of some', () => {
    const cells = [cell('A', 'B', 'ONLY_PRIVATE_ADDRESSES')]
    const marks = (who: string, holds: boolean): Cell['meant'][] =>
      asMeant(cells, [result('not-lists', holds, [`${who} net`, 'B'])], expectedOf(who)).map(
        (each) => each.meant,
      )
    assert.deepEqual(marks('every', true), ['expected'])
    assert.deepEqual(marks('every', false), [undefined])
    assert.deepEqual(marks('some', true), [undefined])
  })
})
