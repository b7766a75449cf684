import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { main } from '#orchestrator/cli.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'

const SCENARIOS = ['nat-two-nodes', 'compose-cluster', 'late-bootstrap']
/** Who is not ended by then ends by itself. */
const BUSY_MS = 30_000

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kadlab-determinism-'))
})
after(() => rm(directory, { recursive: true, force: true }))

async function eventsOf(scenario: string, seed: number, folder: string): Promise<string> {
  const words = ['scenario', scenario, '--fabric', 'sim', '--seed', `${seed}`, '--report', folder]
  const { status, stdout, stderr } = await startCommand(words, directory).ended
  assert.equal(status, 0, stdout + stderr)
  return readFile(join(directory, folder, 'events.ndjson'), 'utf8')
}

/** Takes a processor's whole time until it is disposed of. */
function keepBusy(): Disposable {
  const loop = `const end = Date.now() + ${BUSY_MS}; while (Date.now() < end);`
  const child: ChildProcess = spawn(process.execPath, ['-e', loop], { stdio: 'ignore' })
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

/** Runs a scenario twice in this process, with something random drawn in it for all to see. */
async function checkPlanted(draw: () => number): Promise<{ status: number; stdout: string }> {
  let stdout = ''
  const words = 'scenario late-bootstrap --fabric sim --check-determinism --report planted'
  const io = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => assert.fail(text),
    isTerminal: false,
    columns: 88,
    env: {},
    directory,
    signal: new AbortController().signal,
  }
  const status = await main(words.split(' '), io, {
    load: async () => {
      const sim = createSimFabric()
      return {
        ...sim,
        start: async (plan, options) => {
          const lab = await sim.start(plan, options)
          options.onEvent({ type: 'progress', text: `drew ${draw()}` })
          return lab
        },
      }
    },
  })
  return { status, stdout }
}

describe('the same seed', () => {
  it('gives the same events, byte for byte, in another process, under load, in another folder', async () => {
    const first: string[] = []
    for (const name of SCENARIOS) first.push(await eventsOf(name, 7, `first/${name}`))
    using _one = keepBusy()
    using _other = keepBusy()
    const second = await Promise.all(SCENARIOS.map((name) => eventsOf(name, 7, `second/${name}`)))
    for (const [index, events] of first.entries()) {
      assert.ok(events.length > 10_000)
      assert.equal(second[index], events)
    }
  })

  it('is what decides: another one gives other events', async () => {
    assert.notEqual(
      await eventsOf('late-bootstrap', 1, 'one'),
      await eventsOf('late-bootstrap', 2, 'two'),
    )
  })
})

describe('--check-determinism', () => {
  it('holds where all that is random comes from the seed', async () => {
    const { status, stdout } = await checkPlanted(() => Math.random())
    assert.equal(status, 0, stdout)
    assert.match(stdout, /✔ a second run of the seed had the same \d+ events, byte for byte/)
  })

  it('finds something random that does not, and names the first event that differs', async () => {
    // Taken outside of simulated time: the real one.
    const random = Math.random.bind(Math)
    const { status, stdout } = await checkPlanted(random)
    assert.equal(status, 1)
    assert.match(stdout, /✘ two runs of one seed differ from event \d+ \(progress\) on:/)
    assert.match(stdout, /first {3}.*drew 0\.\d+.*\n {2}second .*drew 0\.\d+/)
  })

  it('is refused where time is real', async () => {
    for (const flags of [['--real-time'], ['--keep'], ['--fabric', 'docker']]) {
      const words = [
        'scenario',
        'nat-two-nodes',
        '--fabric',
        'sim',
        '--check-determinism',
        ...flags,
      ]
      const { status, stderr } = await startCommand(words, directory).ended
      assert.match(stderr, /--check-determinism is for simulated time|Docker/)
      assert.notEqual(status, 0)
    }
  })
})
