import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../../..')
const WORDS = 'orchestrator/words'
const execute = promisify(execFile)

const SCENARIO = `
name: recipe
title: The words of the recipes in a scenario.
sites:
  cloud: { nat: public }
nodes:
  A: { site: cloud }
  B: { site: cloud, bootstrap: [A] }
steps:
  - { flap: B, times: 2 }
  - expect:
      - { is-ready: B }
`

/** The code of a section of CONTRIBUTING.md: the word's file, and the line that registers it. */
async function recipe(section: string): Promise<{ file: string; code: string; line: string }> {
  const document = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  const text = document.split(/^## /m).find((part) => part.startsWith(`${section}\n`))
  assert.ok(text, `CONTRIBUTING.md has a section "${section}"`)
  const [, file] = /`([a-z-]+\.ts)`/.exec(text) ?? []
  const [code, line] = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block)
  assert.ok(file && code && line)
  return { file, code, line }
}

describe('the recipes for new words', () => {
  let copy = ''

  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'kadlab-recipe-'))
    const left = ['.git', 'node_modules', 'reports'].map((name) => join(ROOT, name))
    // What cargo makes is no source, and may be under way.
    const filter = (path: string): boolean => !left.includes(path) && basename(path) !== 'target'
    await cp(ROOT, copy, { recursive: true, filter })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    for (const [section, folder] of [
      ['A new expectation', `${WORDS}/expectations`],
      ['A new step', `${WORDS}/steps`],
    ] as const) {
      const { file, code, line } = await recipe(section)
      await writeFile(join(copy, folder, file), code)
      await appendFile(join(copy, folder, 'all.ts'), line)
    }
    await writeFile(join(copy, 'recipe.yaml'), SCENARIO)
  })
  after(() => rm(copy, { recursive: true, force: true }))

  it('give words that type check', async () => {
    const { stdout } = await execute(join(ROOT, 'node_modules/.bin/tsc'), ['-p', copy]).catch(
      (error: unknown) => error as { stdout: string },
    )
    assert.equal(stdout, '')
  })

  it('give words that a scenario runs with, checks, and reports', async () => {
    const { stdout } = await run(copy)
    assert.match(stdout, /✔ B is ready/)
    assert.match(stdout, /recipe holds on sim/)
    await writeFile(join(copy, 'recipe.yaml'), SCENARIO.replace('flap: B', 'flap: C'))
    await assert.rejects(run(copy), /recipe\.yaml:\d+:\d+: steps\.0\.flap: no node is called 'C'/)
  })
})

function run(cwd: string): Promise<{ stdout: string }> {
  const scenario = ['scenario', './recipe.yaml', '--fabric', 'sim', '--report', join(cwd, 'report')]
  return execute(process.execPath, ['orchestrator/cli.ts', ...scenario], { cwd })
}
