import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MOST_LOG, PageLogs } from '#orchestrator/report/page-logs.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

type LogEvent = Extract<RunEvent, { type: 'node-log' }>

function logged(node: string, line: string): LogEvent {
  return { type: 'node-log', variant: 'bug', node, line, atMs: 1 }
}

function linesOf(logs: PageLogs): [number, string, string][] {
  return logs.lines().map(({ after, text }) => {
    const { node, line } = JSON.parse(text) as LogEvent
    return [after, node, line]
  })
}

describe('the logs in a page', () => {
  it('are in the order of the run', () => {
    const logs = new PageLogs()
    logs.push(logged('A', 'one'), 0)
    logs.push(logged('B', 'two'), 3)
    logs.push(logged('A', 'three'), 3)
    logs.push(logged('B', 'four'), 9)
    assert.deepEqual(
      linesOf(logs).map(([after]) => after),
      [0, 3, 3, 9],
    )
  })

  it('keep the newest lines of each, and say how many went before', () => {
    const size = JSON.stringify(logged('A', 'line 0')).length
    const logs = new PageLogs({ ...MOST_LOG, one: 2 * size })
    for (let at = 0; at < 5; at++) logs.push(logged('A', `line ${at}`), at)
    logs.push(logged('B', 'line 0'), 5)
    assert.deepEqual(linesOf(logs), [
      [2, 'A', '3 earlier lines are not in this page: logs/bug/A.log beside it has them'],
      [3, 'A', 'line 3'],
      [4, 'A', 'line 4'],
      [5, 'B', 'line 0'],
    ])
  })

  it('make room in the longest: who says much takes nothing from who says little', () => {
    const size = JSON.stringify(logged('A', 'line 0')).length
    const logs = new PageLogs({ ...MOST_LOG, all: 4 * size })
    logs.push(logged('B', 'line 0'), 0)
    for (let at = 0; at < 9; at++) logs.push(logged('A', `line ${at}`), at)
    const kept = linesOf(logs).filter(([, , line]) => line.startsWith('line'))
    assert.deepEqual(
      kept.map(([, node]) => node),
      ['B', 'A', 'A', 'A'],
    )
  })

  it('cut a line that is very long', () => {
    const logs = new PageLogs()
    logs.push(logged('A', 'x'.repeat(100_000)), 0)
    assert.equal(linesOf(logs)[0]?.[2].length, MOST_LOG.line)
  })
})
