import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startCommand } from '#test/support/nat-two-nodes.ts'

const SCENARIO = `
name: slow
title: what never comes true, on a machine that has no time
sites: { net: { nat: public } }
nodes:
  A: { site: net, env: { PUBLIC_IP: '{public}' } }
  B: { site: net, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
steps:
  - expect: [{ observer: B, lists: A }, { observer: A, lists: B }]
  - expect: [{ observer: A, not-lists: B, within: 3s }]
`

/** The processes below one, by id. */
async function below(ancestor: number): Promise<number[]> {
  const parents = new Map<number, number>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    // The name, in brackets, may hold anything.
    const parent = /.*\) \S (\d+)/s.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(entry), Number(parent))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === ancestor || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended.
    }
  }
}

/** Gives processes 100 of every 500 ms, as a machine does that has more to do than time, until the signal. */
async function starve(pids: readonly number[], signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      signalAll(pids, 'SIGSTOP')
      await pause(400)
      signalAll(pids, 'SIGCONT')
      await pause(100)
    }
  } finally {
    signalAll(pids, 'SIGCONT')
  }
}

describe('a lab whose nodes have no time', { timeout: 120_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-too-slow-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('is not judged: status 3, and the report says who stood still', async () => {
    await writeFile(join(directory, 'slow.yaml'), SCENARIO)
    const words = ['scenario', 'slow.yaml', '--fabric', 'netns', '--report', 'report']
    const running = startCommand(words, directory)
    await running.until(/✔ A lists B/)
    const over = new AbortController()
    const starving = starve(await below(running.pid), over.signal)
    const { status, stdout, stderr } = await running.ended
    over.abort()
    await starving
    const said =
      /too slow a machine, not judged: A does not list B \(saw listed[^;]*; [AB] stood still for/
    assert.equal(status, 3, stdout + stderr)
    assert.match(stderr, said)
    assert.match(await readFile(join(directory, 'report/junit.xml'), 'utf8'), said)
  })
})
