import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')

/** npm scripts that take no words, or are another tool's command line. */
const WITHOUT_WORDS = new Set(
  'check format format:check lint typecheck docs:check licences prepare'.split(' '),
)

async function scripts(): Promise<[string, string][]> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8')
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> }
  return Object.entries(scripts).filter(([name]) => !WITHOUT_WORDS.has(name))
}

/** As npm starts it, with `--help` behind it. */
function help(name: string, script: string): Promise<{ status: number; text: string }> {
  const [, , ...words] = script.split(' ')
  const env = { ...process.env, npm_lifecycle_event: name }
  const { promise, resolve } = Promise.withResolvers<{ status: number; text: string }>()
  execFile(process.execPath, [...words, '--help'], { cwd: ROOT, env }, (error, stdout, stderr) =>
    resolve({ status: error === null ? 0 : Number(error.code), text: stdout + stderr }),
  )
  return promise
}

describe('npm run ... -- --help', () => {
  it('says of each script what it takes, and does nothing', async () => {
    await Promise.all(
      (await scripts()).map(async ([name, script]) => {
        const { status, text } = await help(name, script)
        assert.equal(status, 0, `${name}: ${text}`)
        const typed = name === 'test' ? 'npm test' : `npm run ${name}`
        assert.ok(text.includes(typed), `${name}: ${text}`)
      }),
    )
  })
})
