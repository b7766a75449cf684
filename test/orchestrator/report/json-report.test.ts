import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createReportCollector } from '#orchestrator/report/collect.ts'
import { junitXml } from '#orchestrator/report/junit.ts'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { schemaFaults } from '#test/support/report-json.ts'
import { eventsOf } from '#test/support/run-events.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

async function reportOf(scenario: Parameters<typeof eventsOf>[0]): Promise<Report> {
  const collector = createReportCollector()
  for (const event of await eventsOf(scenario)) collector.onEvent(event)
  const report = collector.report()
  assert.ok(report)
  return report
}

const report = await reportOf((await findScenario('nat-two-nodes')).scenario)

describe('report.json', () => {
  it('keeps to the JSON schema that is checked in', () => {
    assert.equal(schemaFaults(report), '')
  })

  it('is refused by that schema where a name is missing, wrong or new', () => {
    for (const change of [
      { schema: 'kadlab.report/2' },
      { holds: undefined },
      { extra: 1 },
      { natProofs: [{}] },
    ]) {
      assert.notEqual(schemaFaults({ ...report, ...change }), '', JSON.stringify(change))
    }
  })

  it('carries settings, nodes with bare addresses, cells, expectations and timings of each variant', () => {
    assert.equal(report.holds, true)
    assert.deepEqual(
      report.variants.map(({ name }) => name),
      ['bug', 'client', 'fixed'],
    )
    const [bug, client] = report.variants
    assert.deepEqual(client?.settings['A'], { PUBLIC_IP: '11.0.0.11' })
    const b = bug?.nodes.find(({ name }) => name === 'B')
    assert.deepEqual(
      [b?.privateAddress, b?.publicAddress, b?.announced],
      ['10.2.0.10', '11.0.0.12', ['10.2.0.10']],
    )
    const cell = bug?.cells.find(({ observer }) => observer === 'A')
    assert.equal(cell?.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.equal(cell?.dialable, null)
    assert.equal(cell?.remedy?.set, 'PUBLIC_IP=11.0.0.12')
    assert.equal(bug?.expectations.length, 4)
    const [listing] = bug?.expectations.filter(({ word }) => word === 'not-lists') ?? []
    assert.deepEqual(
      [listing?.observer, listing?.target, listing?.key, listing?.cause, listing?.step],
      ['A', 'B', null, 'ONLY_PRIVATE_ADDRESSES', 1],
    )
    assert.equal(bug?.steps[0]?.word, 'expect')
    assert.equal(report.natProofs.length, 4)
  })

  it('does not hold where one expectation does not', async () => {
    const red = await reportOf(
      scenarioOf(`
name: red
title: red
sites: { a: { nat: one-to-one }, b: { nat: one-to-one } }
nodes: { A: { site: a }, B: { site: b, bootstrap: [A] } }
variants:
  good: { steps: [{ expect: [{ observer: B, lists: A }] }] }
  bad: { steps: [{ expect: [{ observer: A, lists: B, within: 10ms }] }] }
`),
    )
    assert.deepEqual([red.holds, ...red.variants.map(({ holds }) => holds)], [false, true, false])
    const xml = junitXml(red)
    assert.match(xml, /<testsuite name="bad" tests="1" failures="1" errors="0" time="/)
    assert.match(
      xml,
      /<failure message="expected listed, saw not listed: ONLY_PRIVATE_ADDRESSES">B at A: [^<]*\n {2}why {7}\S[^<]*\n {2}evidence {2}\S[^<]*\n {2}remedy {4}\S[^<]*<\/failure>/,
    )
  })
})

describe('junit.xml', () => {
  it('has a suite for the proofs and one for each variant, with a case for each expectation', () => {
    const xml = junitXml(report)
    assert.match(xml, /<testsuite name="NAT proof" tests="4" failures="0" errors="0" time="/)
    assert.match(xml, /<testsuite name="fixed" tests="8" failures="0" errors="0" time="/)
    assert.match(xml, /<testcase classname="nat-two-nodes.bug" name="B lists A" time="\d+\.\d{3}">/)
  })

  it('says of each case what it is about', () => {
    const [, about] =
      /name="B lists A" [^>]*>\s*<properties>(.*?)<\/properties>/s.exec(junitXml(report)) ?? []
    const properties = [...(about ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g)]
    assert.deepEqual(Object.fromEntries(properties.map(([, name, value]) => [name, value])), {
      word: 'lists',
      observer: 'B',
      target: 'A',
      step: '1',
    })
  })

  it('has no two cases of one name in a suite', async () => {
    const twice = await reportOf(
      scenarioOf(`
name: twice
title: twice
sites: { a: { nat: public } }
nodes: { A: { site: a }, B: { site: a, bootstrap: [A] } }
steps:
  - { expect: [{ observer: B, lists: A }, { observer: B, lists: A }] }
  - { restart: A }
  - { expect: [{ observer: B, lists: A }] }
`),
    )
    const names = [...junitXml(twice).matchAll(/<testcase [^>]* name="([^"]*)"/g)].map(
      ([, name]) => name,
    )
    assert.deepEqual(names, [
      'B lists A in step 1',
      'B lists A in step 1 (2)',
      'restart A',
      'B lists A in step 3',
    ])
  })

  it('escapes what XML does not take', () => {
    const odd = structuredClone(report)
    const [first] = odd.variants[0]?.expectations ?? []
    assert.ok(first)
    first.text = '<a & "b">\u0007'
    assert.match(junitXml(odd), /name="&lt;a &amp; &quot;b&quot;&gt;\\u\{7\}"/)
  })
})
