import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { startStandInEngine, type StandInEngine } from '#test/support/stand-in-engine.ts'

const CLI = resolve(import.meta.dirname, '../../orchestrator/cli.ts')
const SCENARIO = ['scenario', 'nat-two-nodes', '--fabric', 'docker']

/** Resolves at the first line that fits. */
async function lineOf(stream: Readable, pattern: RegExp): Promise<string> {
  for await (const line of createInterface({ input: stream })) if (pattern.test(line)) return line
  throw new Error(`the stream ended without ${pattern}`)
}

/** A run whose engine has stopped answering while the first network is made. */
async function hangingRun(
  standIn: StandInEngine,
  directory: string,
  [program = '', ...words]: readonly string[] = [process.execPath, CLI, ...SCENARIO],
) {
  standIn.answer('POST /networks/create', 'silence')
  const child = spawn(program, words, {
    cwd: directory,
    env: { ...process.env, DOCKER_HOST: standIn.host },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  await standIn.called('POST /networks/create')
  return { child, exited }
}

describe('a run whose engine hangs', () => {
  it('ends at the second Ctrl-C at once, and names the lab and what removes it', async () => {
    await using standIn = await startStandInEngine()
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-run-'))
    const { child, exited } = await hangingRun(standIn, folder.path)
    child.kill('SIGINT')
    await lineOf(child.stderr, /once more ends at once/)
    const last = lineOf(child.stderr, /ended at once/)
    child.kill('SIGINT')
    assert.match(
      await last,
      /ended at once; left at the engine: lab [0-9a-f]{8}; `npm run clean` removes/,
    )
    assert.deepEqual(await exited, [130, null])
  })

  for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
    it(`is told to end by ${signal}, and clears up`, async () => {
      await using standIn = await startStandInEngine()
      await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-run-'))
      const { child, exited } = await hangingRun(standIn, folder.path)
      const said = lineOf(child.stderr, /once more ends at once/)
      child.kill(signal)
      await said
      child.kill(signal)
      assert.deepEqual(await exited, [130, null])
    })
  }

  it('is told to end by a signal to the npm that started it', async () => {
    await using standIn = await startStandInEngine()
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-run-'))
    const root = resolve(import.meta.dirname, '../..')
    const npm = ['npm', '--prefix', root, 'run', '-s', ...SCENARIO.slice(0, 2), '--']
    const words = [...npm, ...SCENARIO.slice(2), '--report', folder.path]
    const { child, exited } = await hangingRun(standIn, folder.path, words)
    const said = lineOf(child.stderr, /once more ends at once/)
    child.kill('SIGTERM')
    await said
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [130, null])
  })
})
