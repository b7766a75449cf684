import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createReportCollector } from '#orchestrator/report/collect.ts'
import { junitXml } from '#orchestrator/report/junit.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { eventsOf } from '#test/support/run-events.ts'
import { RED, scenarioOf } from '#test/support/scenario-text.ts'

/** A line that a peer would like to see on somebody's screen, and what no XML document may hold. */
const HOSTILE = "\u001b[2J\u202e\"/><testcase name='\u2714 all well'/>\u0000\uffff\ud800]]>&"

/** What XML 1.0 allows at all. */
const XML_TEXT = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

function junitOf(events: readonly RunEvent[]): string {
  const collector = createReportCollector()
  for (const event of events) collector.onEvent(event)
  const report = collector.report()
  assert.ok(report)
  return junitXml(report)
}

describe("a report in JUnit's XML", () => {
  it('shows what a peer says as text, and as nothing else', async () => {
    const events = (await eventsOf(scenarioOf(RED))).map((event): RunEvent =>
      event.type === 'expectation'
        ? { ...event, result: { ...event.result, holds: false, seen: HOSTILE } }
        : event,
    )
    const xml = junitOf(events)
    assert.match(xml, XML_TEXT)
    assert.ok(!xml.includes('\u202e'), 'a mark that turns text around')
    assert.match(xml, /saw \\u\{1b\}\[2J\\u\{202e\}&quot;\/&gt;&lt;testcase /)
    assert.equal(
      xml.match(/<testcase /g)?.length,
      junitOf(await eventsOf(scenarioOf(RED))).match(/<testcase /g)?.length,
    )
  })
})
