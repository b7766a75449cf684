import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { simRun } from '#test/support/sim-run.ts'

const scenario = (...steps: string[]): string => `name: by
title: by
sites: { net: { nat: public } }
nodes: { A: { site: net }, B: { site: net, bootstrap: [A], autostart: false }, n: { site: net, count: 2 } }
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`

async function results(...steps: string[]) {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-by-'))
  const file = join(directory.path, 'by.yaml')
  await writeFile(file, scenario(...steps))
  const { events } = await simRun(file, directory.path)
  return events.flatMap((event) =>
    event.type === 'expectation'
      ? [[event.result.text, event.result.holds, event.result.afterMs] as const]
      : [],
  )
}

describe('by', () => {
  it('counts from where the variant began, whatever steps took', async () => {
    const [inTime] = await results(
      '{ wait: 1h }',
      '{ start: B }',
      '{ expect: [{ observer: B, lists: A, by: 61m }] }',
    )
    assert.deepEqual(inTime?.slice(0, 2), ['B lists A, by 61m', true])
  })

  it('is over at once where its time has passed, and what is so then counts', async () => {
    const [missed, held] = await results(
      '{ start: B }',
      '{ expect: [{ observer: B, lists: A, by: 10s }] }',
      '{ wait: 1m }',
      '{ kill: A }',
      '{ expect: [{ observer: B, not-connected: A, by: 30s }] }',
    )
    assert.deepEqual(missed?.slice(0, 2), ['B lists A, by 10s', true])
    assert.equal(held?.[1], true)
    const [never] = await results(
      '{ wait: 1m }',
      '{ expect: [{ observer: { every: n }, connected: A, by: 30s }] }',
    )
    assert.equal(never?.[1], false)
    assert.ok((never?.[2] ?? Infinity) <= 1000, `${never?.[2]} ms`)
  })

  it('does not go with within', () => {
    const both = '{ expect: [{ observer: A, lists: B, within: 5s, by: 10s }] }'
    assert.throws(
      () => readScenario(scenario('{ start: B }', both), 'by.yaml'),
      (error: unknown) =>
        error instanceof ScenarioError && /7:.*not both/.test(error.message.replaceAll('\n', ' ')),
    )
  })
})
