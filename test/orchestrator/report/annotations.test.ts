import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAnnotations } from '#orchestrator/report/annotations.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { eventsOf } from '#test/support/run-events.ts'
import { RED, scenarioOf } from '#test/support/scenario-text.ts'

function annotated(events: readonly RunEvent[]): string[] {
  const lines: string[] = []
  const annotations = createAnnotations((text) => lines.push(text.trimEnd()))
  for (const event of events) {
    annotations.before(event)
    annotations.after(event)
  }
  return lines
}

describe('annotations of a run', () => {
  it('group each variant, and say behind the groups what does not hold', async () => {
    const lines = annotated(await eventsOf(scenarioOf(RED)))
    assert.deepEqual(lines.slice(0, 4), [
      '::group::red, one',
      '::endgroup::',
      '::group::red, two',
      '::endgroup::',
    ])
    const [one = '', two = ''] = lines.slice(4)
    assert.match(one, /^::error title=red%2C one::A lists B: expected listed, saw /)
    assert.match(two, /^::error title=red%2C two::/)
    assert.equal(lines.length, 6)
  })

  it('say why a run has no verdict, in one line whatever the text is', async () => {
    const [start] = await eventsOf(scenarioOf(RED))
    assert.ok(start)
    const error = { name: 'FabricError', message: '100% gone\nand\u001b[2J more' }
    const failed: RunEvent = { type: 'run-failed', error, exitCode: 3, atMs: 1 }
    assert.deepEqual(annotated([start, failed]), [
      '::error title=red::100%25 gone%0Aand\\u{1b}[2J more',
    ])
  })
})
