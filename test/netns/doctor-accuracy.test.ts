import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { doctorAccuracy } from '../../scripts/accuracy/doctor.ts'

describe('the doctor behind every NAT preset', { timeout: 300_000 }, () => {
  it('says of a node what the plan says, whatever it announces and whoever is let in', async () => {
    const { signal } = new AbortController()
    const report = await doctorAccuracy(signal, ['kadlab'])
    assert.deepEqual(
      report.rows.filter(({ truth, seen }) => truth !== seen),
      [],
    )
    assert.equal(report.wrong, 0)
    const causes = new Set(report.rows.map(({ truth }) => truth))
    assert.ok(causes.size >= 4, [...causes].join())
  })
})
