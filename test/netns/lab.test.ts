import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { Namespaces } from '#orchestrator/fabric/netns/namespaces.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { eventually } from '#test/support/eventually.ts'

const FILE = new URL('../../orchestrator/scenarios/nat-two-nodes.yaml', import.meta.url).pathname

/** Starts namespaces and a process in them, tells both process ids outside, and waits for ever. */
const HOLDER = `
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { Namespaces } from '#orchestrator/fabric/netns/namespaces.ts'
const namespaces = await Namespaces.start()
const script = 'read -r pid _ < /proc/self/stat; echo $pid; exec sleep 1000'
const child = namespaces.spawn({ words: ['sh', '-c', script], host: null })
child.stdout.once('data', (pid) => console.log(namespaces.pid, Number(pid)))`

async function isGone(pid: number): Promise<boolean> {
  try {
    await access(`/proc/${pid}`)
    return false
  } catch {
    return true
  }
}

describe('namespaces of a lab', () => {
  it('have no interface of the machine and no route, so that nothing can leave', async () => {
    await using namespaces = await Namespaces.start()
    const ask = (...words: string[]): Promise<string> =>
      namespaces.run(words.join(' '), { words, host: null })
    const links = await ask('ip', '-o', 'link', 'show')
    assert.match(links, /^1: lo: /)
    assert.equal(links.trim().split('\n').length, 1, links)
    assert.equal(await ask('ip', 'route', 'show', 'table', 'main'), '')
    await assert.rejects(ask('ip', 'route', 'get', '198.51.100.1'), /unreachable/)
  })

  it('see nothing of what the machine runs: its sockets of services are not there', async () => {
    await using namespaces = await Namespaces.start()
    const there = await namespaces.run('ls', { words: ['ls', '/run'], host: null })
    assert.deepEqual(there.trim().split('\n'), ['kadlab', 'netns'])
  })

  it('end with whoever made them, even where that is killed', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER], {
      cwd: new URL('../..', import.meta.url).pathname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string]
    const pids = line.split(' ').map(Number)
    assert.equal(pids.length, 2)
    for (const pid of pids) assert.equal(await isGone(pid), false)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    for (const pid of pids) {
      await eventually(async () => assert.equal(await isGone(pid), true))
    }
  })

  it('say what a command said that failed', async () => {
    await using namespaces = await Namespaces.start()
    await assert.rejects(
      namespaces.run('a word', {
        words: ['sh', '-c', 'echo no such word >&2; exit 3'],
        host: null,
      }),
      { name: 'NamespaceCommandError', message: /^a word failed .*: no such word$/ },
    )
  })

  it('leave nothing behind of a node that is paused when the lab ends', async () => {
    const { scenario } = await loadScenario(FILE)
    const [plan] = planScenario(scenario, { seed: 1, variants: ['fixed'] })
    const [a] = plan?.variants[0]?.nodes ?? []
    assert.ok(plan && a)
    const lab = await createNetnsFabric().start(plan, { onEvent: () => {} })
    const node = await lab.startNode(a)
    await node.pause()
    const before = await entered()
    assert.ok(before.length > 0)
    await lab.stop()
    await eventually(async () => {
      const left = await entered()
      assert.deepEqual(
        left.filter((pid) => before.includes(pid)),
        [],
      )
    })
  })
})

/** Processes of this one that entered namespaces. */
async function entered(): Promise<string[]> {
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
  const pids = children.trim().split(' ')
  const names = await Promise.all(
    pids.map(async (pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, index) => names[index]?.trim() === 'nsenter')
}
