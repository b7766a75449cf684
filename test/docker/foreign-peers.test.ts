import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { standings, startCommand } from '#test/support/nat-two-nodes.ts'
import { fillPeersTable, PEER_SCENARIOS, peersTable } from '../../scripts/docs/peers-table.ts'

/** What stands out of each scenario: rung and cause of a target at an observer. */
const FACES: Readonly<Record<string, Record<string, Record<string, [string, string | null]>>>> = {
  'rust-two-nodes': {
    example: { 'B at A': ['speaks-kademlia', 'NO_ADDRESS_KNOWN'] },
    'identify-only': { 'B at A': ['listed', 'ADDRESS_NO_ROUTE'] },
    observed: { 'B at A': ['dialable', null] },
    fixed: { 'B at A': ['dialable', null], 'A at B': ['dialable', null] },
  },
  'go-two-nodes': {
    bug: { 'B at A': ['listed', 'LISTED_WITHOUT_ADDRESS'] },
    fixed: { 'B at A': ['dialable', null], 'A at B': ['dialable', null] },
  },
  'three-faces': {
    bug: {
      'RustB at RustA': ['speaks-kademlia', 'NO_ADDRESS_KNOWN'],
      'GoB at GoA': ['listed', 'LISTED_WITHOUT_ADDRESS'],
      'JsB at JsA': ['speaks-kademlia', 'ONLY_PRIVATE_ADDRESSES'],
    },
  },
  'mixed-three': {
    'by-kadlab': { 'R at G': ['dialable', null], 'G at R': ['dialable', null] },
    'by-rust': { 'K at G': ['dialable', null], 'G at K': ['dialable', null] },
    'by-go': { 'K at R': ['dialable', null], 'R at K': ['dialable', null] },
  },
}

describe('peers of other implementations on Docker', { timeout: 1_200_000 }, () => {
  let directory = ''
  const reports: Report[] = []
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-foreign-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  for (const name of PEER_SCENARIOS) {
    it(`show what ${name} says of them`, async () => {
      const words = ['scenario', name, '--fabric', 'docker', '--json', '--report', name]
      const { status, stdout, stderr } = await startCommand(words, directory).ended
      assert.equal(status, 0, `${stdout}${stderr}`)
      const report = JSON.parse(stdout) as Report
      reports.push(report)
      const seen = standings(report)
      for (const [variant, cells] of Object.entries(FACES[name] ?? {})) {
        for (const [cell, standing] of Object.entries(cells)) {
          assert.deepEqual(seen[variant]?.[cell], standing, `${variant}: ${cell}`)
        }
      }
    })
  }

  it('do what the table in their README says', async () => {
    const readme = await readFile(
      join(import.meta.dirname, '../../orchestrator/foreign/README.md'),
      'utf8',
    )
    assert.equal(fillPeersTable(readme, peersTable(reports)), readme)
  })
})
