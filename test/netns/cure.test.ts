import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { FIELD_CASES } from '../field-reports/cases.ts'

/** Networks of field reports whose remedies are a setting, a forward of a router, and a hairpin. */
const TITLES = [/forwarded by the router and again/, /homes without a forward/, /hairpin/]

/** `N at Boot` of each cell that is not dialable, with its cause. */
function red({ cells }: Report['variants'][number]): Record<string, string | null> {
  const found = cells.filter(({ cause }) => cause !== null)
  return Object.fromEntries(
    found.map(({ observer, target, cause }) => [`${target} at ${observer}`, cause]),
  )
}

describe('scenario --cure behind kernel NATs', { timeout: 300_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-netns-cure-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  for (const { title, yaml, causes, incurable = [] } of FIELD_CASES) {
    if (!TITLES.some((pattern) => pattern.test(title))) continue
    it(title, async () => {
      await writeFile(join(directory, 'field.yaml'), `name: field\ntitle: field\n${yaml}`)
      const words = ['scenario', 'field.yaml', '--fabric', 'netns', '--cure', '--json']
      const { status, stdout, stderr } = await startCommand(words, directory).ended
      assert.equal(status, 0, stderr)
      const { variants, cures = [] } = JSON.parse(stdout) as Report
      const [first, last] = [variants[0], variants.at(-1)]
      assert.ok(first && last)
      const seen = red(first)
      for (const [pair, cause] of Object.entries(causes)) assert.equal(seen[pair], cause, pair)
      assert.deepEqual(Object.keys(red(last)).toSorted(), incurable.toSorted())
      assert.deepEqual(
        cures.flatMap(({ rounds }) => rounds.flatMap(({ worse }) => worse)),
        [],
      )
    })
  }
})
