import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { starterScenario } from '#orchestrator/commands/starter.ts'
import { blocksOf } from '#test/support/guide.ts'

const ROOT = resolve(import.meta.dirname, '../..')

interface Action {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  runs: { steps: { id?: string; run?: string; env?: Record<string, string> }[] }
}

async function readAction(): Promise<Action> {
  return parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action
}

interface Ended {
  status: number
  output: string
  outputs: string
  summary: string
}

/** Runs the step that runs the scenario, as a runner does in a checkout at `folder`. */
async function runStep(folder: string, inputs: Record<string, string>): Promise<Ended> {
  const { inputs: known, runs } = await readAction()
  const step = runs.steps.find(({ id }) => id === 'run')
  assert.ok(step?.run !== undefined && step.env !== undefined)
  const given = Object.entries(step.env).map(([name, value]) => {
    const [, input = ''] = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value) ?? []
    return [name, inputs[input] ?? known[input]?.default ?? '']
  })
  const files = { outputs: join(folder, 'outputs'), summary: join(folder, 'summary') }
  for (const path of Object.values(files)) await writeFile(path, '')
  const env = {
    ...(Object.fromEntries(given) as Record<string, string>),
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    GITHUB_ACTION_PATH: ROOT,
    GITHUB_OUTPUT: files.outputs,
    GITHUB_STEP_SUMMARY: files.summary,
    RUNNER_TEMP: folder,
  }
  const { promise, resolve } = Promise.withResolvers<[number, string]>()
  // As runners start `shell: bash`.
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run]
  execFile('bash', words, { cwd: folder, env }, (error, stdout, stderr) =>
    resolve([error === null ? 0 : Number(error.code), stdout + stderr]),
  )
  const [status, output] = await promise
  const [outputs, summary] = await Promise.all(
    [files.outputs, files.summary].map((path) => readFile(path, 'utf8')),
  )
  return { status, output, outputs: outputs ?? '', summary: summary ?? '' }
}

describe('the GitHub action', () => {
  it('runs a scenario, and says where the report is and that it holds', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-action-'))
    await writeFile(join(folder.path, 'mine.yaml'), starterScenario('mine', 'x'))
    const inputs = { scenario: 'mine.yaml', fabric: 'sim', arguments: '--variant client' }
    const { status, output, outputs, summary } = await runStep(folder.path, inputs)
    assert.equal(status, 0, output)
    assert.equal(outputs, 'report=kadlab-report\nholds=true\n')
    assert.match(summary, /^```text\n[^]*✔ mine holds on sim[^]*\n```\n$/)
    const report = await readFile(join(folder.path, 'kadlab-report/report.json'), 'utf8')
    assert.equal((JSON.parse(report) as { scenario: string }).scenario, 'mine')
  })

  it("fails with the scenario's exit status", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-action-'))
    const text = starterScenario('mine', 'x').replace('cause: CLIENT_MODE', 'cause: CLIENT_MOOD')
    await writeFile(join(folder.path, 'mine.yaml'), text)
    const { status, output, outputs } = await runStep(folder.path, { scenario: 'mine.yaml' })
    assert.equal(status, 2, output)
    assert.match(outputs, /^holds=false$/m)
  })

  it('takes what the guide gives it', async () => {
    const { inputs } = await readAction()
    const guide = await readFile(join(ROOT, 'docs/guide/ci.md'), 'utf8')
    const block = blocksOf(guide).find(({ file }) => file?.endsWith('network.yml'))
    const { jobs } = parse(block?.text ?? '') as {
      jobs: { discovery: { steps: { uses: string; with?: Record<string, string> }[] } }
    }
    const step = jobs.discovery.steps.find(({ uses }) => uses.includes('/kadlab@'))
    assert.ok(step?.with !== undefined)
    for (const name of Object.keys(step.with)) assert.ok(Object.hasOwn(inputs, name), name)
  })
})
