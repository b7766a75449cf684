import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { PROJECT } from './terraform.ts'

const HOUR_MS = 3_600_000
const fromNow = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString()

const GROUPS = [
  group('fresh-rg', { 'kadlab-deployment': 'fresh', 'kadlab-expires': fromNow(5) }),
  group('old-rg', { 'kadlab-deployment': 'old', 'kadlab-expires': fromNow(-30) }),
  group('kept-rg', { 'kadlab-deployment': 'kept' }),
]

function group(name: string, tags: Record<string, string>): object {
  return { name, location: 'westeurope', tags }
}

/** Runs the command with a stand-in for az that notes what it is asked. */
async function deployments(
  args: string[],
  { input = '', az = `echo '${JSON.stringify(GROUPS)}'` } = {},
): Promise<{ code: number; text: string; calls: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-az-'))
  try {
    const notes = join(folder, 'calls')
    await writeFile(notes, '')
    const script = `#!/bin/sh\necho "$*" >>${notes}\n${az}\n`
    await writeFile(join(folder, 'az'), script, { mode: 0o755 })
    const child = spawn(process.execPath, ['scripts/pack/deployments.ts', ...args], {
      cwd: PROJECT,
      env: { PATH: `${folder}:/usr/bin:/bin`, NO_COLOR: '1' },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    }
    child.stdin.end(input)
    const [code] = (await once(child, 'close')) as [number]
    const calls = (await readFile(notes, 'utf8')).split('\n').filter((line) => line !== '')
    return { code, text, calls }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('npm run deployments', () => {
  it('lists what there is, first what is past its time, and deletes nothing', async () => {
    const { code, text, calls } = await deployments([])
    assert.deepEqual(text.trim().split('\n'), [
      'old (old-rg, westeurope): EXPIRED 30 h ago, and costs money',
      'fresh (fresh-rg, westeurope): expires in 5 h',
      'kept (kept-rg, westeurope): never expires',
    ])
    assert.equal(code, 1)
    assert.deepEqual(calls, ['group list --tag kadlab-deployment --output json'])
  })

  it('deletes what is past its time, once its name was typed', async () => {
    const { code, text, calls } = await deployments(['--end'], { input: 'old-rg\n' })
    assert.match(text, /old-rg is being deleted/)
    assert.deepEqual(calls.slice(1), ['group delete --name old-rg --yes --no-wait --output json'])
    assert.equal(code, 0)
  })

  it('deletes nothing for any other answer, nor for none', async () => {
    for (const input of ['yes\n', '']) {
      const { code, text, calls } = await deployments(['--end'], { input })
      assert.match(text, /old-rg stays/)
      assert.equal(calls.length, 1)
      assert.equal(code, 1)
    }
  })

  it('says what to do where az refuses', async () => {
    const { code, text } = await deployments([], { az: "echo 'please log in' >&2; exit 1" })
    assert.match(text, /please log in; try `az login` first/)
    assert.equal(code, 2)
  })
})
