import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createReportCollector } from '#orchestrator/report/collect.ts'
import { junitXml } from '#orchestrator/report/junit.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { assertJunit } from '#test/support/junit-schema.ts'
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

  it('is what the schema of JUnit reports asks for, green, red and hostile', async () => {
    const green = await eventsOf((await findScenario('nat-two-nodes')).scenario)
    const red = await eventsOf(scenarioOf(RED))
    const hostile = red.map((event): RunEvent =>
      event.type === 'expectation'
        ? { ...event, result: { ...event.result, holds: false, seen: HOSTILE } }
        : event,
    )
    for (const events of [green, red, hostile]) assertJunit(junitOf(events))
  })

  it('keeps to the schema where the run broke off, with its seed, versions and fabric', async () => {
    const whole = await eventsOf(scenarioOf(RED))
    const error = { name: 'EngineError', message: 'the engine <is> "gone"\nsince then' }
    for (const until of ['run-start', 'variant-start', 'expectation', 'variant-end'] as const) {
      const last = whole.findIndex(({ type }) => type === until)
      const failed: RunEvent = { type: 'run-failed', error, exitCode: 3, atMs: 1 }
      const xml = junitOf([...whole.slice(0, last + 1), failed])
      assertJunit(xml)
      assert.match(xml, /<error type="EngineError" message="the engine &lt;is&gt; /)
      const run = xml.slice(xml.indexOf('<testsuite name="run"'))
      for (const [name, value] of [
        ['fabric', 'sim'],
        ['seed', '1'],
        ['kadlab', '0.1.0'],
        ['libp2p', '3.3.11'],
        ['node', '24.21.0'],
      ] as const) {
        assert.ok(run.includes(`<property name="${name}" value="${value}"/>`), name)
      }
    }
  })
})
