import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { ALERT_CASES, promtoolFile } from '#test/compose/alert-cases.ts'
import { type Ended, PROMETHEUS_IMAGE, run } from './compose-bench.ts'

const FOLDER = resolve('compose/prometheus')

async function promtool(folder: string, ...words: string[]): Promise<Ended> {
  const mounts = [`--volume=${FOLDER}:/etc/prometheus:ro`, `--volume=${folder}:/cases:ro`]
  const options = ['--rm', '--network=none', '--entrypoint=promtool', ...mounts]
  return run('docker', ['run', ...options, PROMETHEUS_IMAGE, ...words])
}

describe("Prometheus's files", () => {
  it('are right by promtool', async () => {
    const checked = await promtool(FOLDER, 'check', 'config', '/etc/prometheus/prometheus.yml')
    assert.equal(checked.status, 0, checked.output + checked.errors)
    assert.match(checked.output, /7 rules found/)
  })
})

describe('alerts, in the time of rule tests', () => {
  for (const each of ALERT_CASES) {
    it(each.name, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-alerts-'))
      const text = promtoolFile('/etc/prometheus/rules/kadlab.yml', each)
      await writeFile(join(folder.path, 'cases.json'), text)
      const tested = await promtool(folder.path, 'test', 'rules', '/cases/cases.json')
      assert.equal(tested.status, 0, tested.output + tested.errors)
    })
  }
})
