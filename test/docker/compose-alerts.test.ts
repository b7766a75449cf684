import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { ALERT_CASES, questionsOf } from '#test/compose/alert-cases.ts'
import { type Asked, expressionsOf, readDashboards } from '#test/compose/dashboards.ts'
import { PANEL_CASES } from '#test/compose/panel-cases.ts'
import { promtoolFile, type Question } from '#test/compose/promtool-file.ts'
import { toldAt } from '#test/compose/told-alerts.ts'
import { type Ended, PROMETHEUS_IMAGE, run } from './compose-bench.ts'

const FOLDER = resolve('compose/prometheus')

async function promtool(folder: string, ...words: string[]): Promise<Ended> {
  const mounts = [`--volume=${FOLDER}:/etc/prometheus:ro`, `--volume=${folder}:/cases:ro`]
  const options = ['--rm', '--network=none', '--entrypoint=promtool', ...mounts]
  return run('docker', ['run', ...options, PROMETHEUS_IMAGE, ...words])
}

describe("Prometheus's files", () => {
  it('are right by promtool', async () => {
    // The file of the token is made when the container starts.
    const mount = `--volume=${FOLDER}:/etc/prometheus:ro`
    const options = [
      '--rm',
      '--network=none',
      '--tmpfs=/run/kadlab:mode=1777',
      '--entrypoint=sh',
      mount,
    ]
    const check = ': >/run/kadlab/api-token; promtool check config /etc/prometheus/prometheus.yml'
    const checked = await run('docker', ['run', ...options, PROMETHEUS_IMAGE, '-c', check])
    assert.equal(checked.status, 0, checked.output + checked.errors)
    assert.match(checked.output, /10 rules found/)
  })
})

const RULES = '/etc/prometheus/rules/kadlab.yml'

async function passes(file: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-alerts-'))
  await writeFile(join(folder.path, 'cases.json'), file)
  const tested = await promtool(folder.path, 'test', 'rules', '/cases/cases.json')
  assert.equal(tested.status, 0, tested.output + tested.errors)
}

describe('alerts, in the time of rule tests', () => {
  for (const each of ALERT_CASES) {
    const told = Object.entries(each.firing).flatMap(([time, alerts]) => toldAt(time, alerts))
    it(each.name, async () =>
      passes(promtoolFile(RULES, each, { questions: questionsOf(each), told })),
    )
  }
})

/** What a panel shows after five minutes, to the thousandth; no two of its series look the same. */
function shownBy({ expr, labels }: Asked, answer: Question['answer']): Question[] {
  if (labels.length === 0) return [{ expr: `round(${expr}, 0.001)`, time: '5m', answer }]
  const by = `by (${labels.join()}) (${expr})`
  return [
    { expr: `round(max ${by}, 0.001)`, time: '5m', answer },
    { expr: `count ${by} > 1`, time: '5m', answer: {} },
  ]
}

describe('panels, in the time of rule tests', () => {
  const dashboards = [...readDashboards().values()]
  for (const each of PANEL_CASES) {
    const expressions = new Map(
      dashboards
        .flatMap((dashboard) => expressionsOf(dashboard, each.of ?? 'home'))
        .map((asked) => [asked.where, asked]),
    )
    it(each.name, async () => {
      const questions = Object.entries(each.shown).flatMap(([panel, answer]) => {
        const asked = expressions.get(panel)
        assert.ok(asked, `there is no panel ${panel}`)
        return shownBy(asked, answer)
      })
      await passes(promtoolFile(RULES, each, { questions }))
    })
  }
})
