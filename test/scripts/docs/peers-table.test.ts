import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { createReportCollector } from '#orchestrator/report/collect.ts'
import { eventsOf } from '#test/support/run-events.ts'
import { peersTable } from '../../../scripts/docs/peers-table.ts'

it('the table of peers holds the pairs of which a scenario expects more than a listing', async () => {
  const collector = createReportCollector()
  const { scenario } = await findScenario('nat-two-nodes')
  for (const event of await eventsOf(scenario)) collector.onEvent(event)
  const report = collector.report()
  assert.ok(report)
  const [bug] = report.variants
  assert.ok(bug)
  bug.expectations = bug.expectations.filter(({ word }) => word !== 'dialable')
  const rows = peersTable([report]).split('\n').slice(2)
  const pairs = rows.map((row) => row.split(' | ').slice(1, 4).join(' '))
  assert.deepEqual(pairs, [
    '`bug` A (kadlab) B (kadlab)',
    '`client` A (kadlab) B (kadlab)',
    '`client` B (kadlab) A (kadlab)',
    '`fixed` A (kadlab) B (kadlab)',
    '`fixed` B (kadlab) A (kadlab)',
  ])
})
