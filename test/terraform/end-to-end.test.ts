import assert from 'node:assert/strict'
import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '#test/support/eventually.ts'
import { readPlan } from './plan.ts'
import { openWorkspace, type Workspace } from './terraform.ts'
import { Cluster } from './vm/cluster.ts'
import { missingForMachines } from './vm/missing.ts'
import { VirtualAzure } from './vm/virtual-azure.ts'

const SEED = 'kadlab-00'
const FIRST_THREE = ['kadlab-00', 'kadlab-01', 'kadlab-02']
const ALL_FIVE = [...FIRST_THREE, 'kadlab-03', 'kadlab-04']
// Tests cannot wait for half a minute until a machine asks for its release.
const QUICK = ['-var', 'update_poll_seconds=1']
const THREE = [...QUICK, '-var', 'node_count=3']
const FIVE = [...QUICK, '-var', 'node_count=5']

interface Host {
  name: string
  peerId: string
  multiaddr: string
  release: string
}

const missing = await missingForMachines()

// One story, told in order: each step starts from where the one before ended.
describe('a deployed cluster', { skip: missing ?? false }, () => {
  const azure = new VirtualAzure({ heldBack: [SEED] })
  const cluster = new Cluster(azure)
  let workspace: Workspace

  async function terraform(...args: string[]): Promise<string> {
    const outcome = await workspace.terraform([args[0] ?? '', '-no-color', ...args.slice(1)])
    assert.equal(outcome.code, 0, outcome.text)
    return outcome.text
  }
  async function hosts(): Promise<Host[]> {
    const { hosts: all } = JSON.parse(await terraform('output', '-json', 'hosts')) as {
      hosts: Host[]
    }
    return all
  }
  async function releases(): Promise<Record<string, string>> {
    return Object.fromEntries((await hosts()).map(({ name, release }) => [name, release]))
  }
  const apply = (...args: string[]): Promise<string> => terraform('apply', '-auto-approve', ...args)

  before(async () => {
    await azure.start()
    workspace = await openWorkspace({ cloud: azure.cloud, blobEndpoint: azure.blobEndpoint })
  })
  after(async () => {
    await workspace[Symbol.asyncDispose]()
    await azure.stop()
  })

  it('waits for a seed that starts last, saying so, and then lists all of itself', async () => {
    await apply(...THREE)
    await eventually(async () => {
      const { healthy, node } = await cluster.health('kadlab-02')
      assert.equal(healthy, false)
      assert.match(
        node?.waitingFor.join() ?? '',
        /bootstrap peer: \/ip4\/20\.50\.0\.\d+\/tcp\/3000\/p2p\//,
      )
    })
    await azure.boot(SEED)
    await cluster.listsItself(FIRST_THREE)
    await cluster.isAtRest(await releases())
    assert.equal((await cluster.health('kadlab-02')).healthy, true)
    for (const { name, peerId, multiaddr } of await hosts()) {
      const status = await cluster.status(name)
      assert.equal(status.peerId, peerId, 'the peer id that Terraform computed')
      assert.deepEqual(
        status.announced.map((address) => `${address}/p2p/${peerId}`),
        [multiaddr],
      )
    }
  })

  it('gives on each node what was put on another', async () => {
    await cluster.put('kadlab-01', 'from-01', 'one')
    await cluster.put('kadlab-02', 'from-02', 'two')
    assert.equal(await cluster.get('kadlab-02', 'from-01'), 'one')
    assert.equal(await cluster.get(SEED, 'from-02'), 'two')
  })

  it("keeps the metadata service and private networks out of the container's reach", async () => {
    const metadata = `http://169.254.169.254/metadata/instance/compute/userData?api-version=2021-01-01&format=text`
    const ask = ['curl', '-sSf', '--max-time', '2', '-H', 'Metadata: true', metadata]
    assert.ok((await azure.inMachine(SEED, ...ask)).length > 100, 'the machine itself may ask')
    await assert.rejects(azure.inContainer(SEED, ...ask), /timed out|Timeout/i)
    // Something that would answer, had the guard let it through: the route leads to the internet's namespace.
    const other = ['curl', '-sS', '--max-time', '2', 'http://10.20.0.1/']
    await assert.rejects(
      azure.inContainer(SEED, ...other),
      /Could ?n[o']t connect|Failed to connect/i,
    )
    await azure.inContainer(SEED, 'curl', '-sS', '--max-time', '2', 'http://20.60.0.1/')
  })

  it('plans nothing when nothing changed, here and in a fresh clone with the same state', async () => {
    const again = await workspace.terraform(['plan', '-no-color', '-detailed-exitcode', ...THREE])
    assert.equal(again.code, 0, again.text)
    await using clone = await openWorkspace({ blobEndpoint: azure.blobEndpoint })
    await copyFile(
      join(workspace.root, 'terraform/terraform.tfstate'),
      join(clone.root, 'terraform/terraform.tfstate'),
    )
    const elsewhere = await clone.terraform(['plan', '-no-color', '-detailed-exitcode', ...THREE])
    assert.equal(elsewhere.code, 0, elsewhere.text)
  })

  it('grows from three to five and touches none of the three', async () => {
    const plan = await readPlan(workspace, FIVE)
    assert.deepEqual(plan.changed, [])
    assert.deepEqual(plan.destroyed, [])
    const processes = await Promise.all(FIRST_THREE.map((node) => cluster.process(node)))
    await apply(...FIVE)
    await cluster.listsItself(ALL_FIVE)
    await cluster.isAtRest(await releases())
    const later = await Promise.all(FIRST_THREE.map((node) => cluster.process(node)))
    assert.deepEqual(later, processes)
  })

  it('rolls a new pack through in place, one node after the other, and loses no write', async () => {
    await appendFile(join(workspace.root, 'node/main.ts'), '\n// Revised.\n')
    const plan = await readPlan(workspace, FIVE)
    const own = /^(terraform_data\.pack|terraform_data\.pack_sha256|azurerm_storage_blob\.pack)\[/
    assert.deepEqual(
      [...plan.created, ...plan.destroyed].filter((address) => !own.test(address)),
      [],
      'nothing but the pack itself is made or destroyed',
    )
    assert.deepEqual(
      plan.changed,
      ALL_FIVE.map((node) => `module.nodes.azurerm_linux_virtual_machine.this["${node}"]`),
    )
    const starts = await startsOf(ALL_FIVE)
    const written = new Map<string, string>()
    const finished = new AbortController()
    const traffic = readAndWrite(written, finished.signal)
    await apply(...FIVE)
    await cluster.isAtRest(await releases())
    finished.abort()
    const failed = await traffic
    await cluster.listsItself(ALL_FIVE)

    assert.ok(written.size >= 5, `${written.size} writes while it rolled`)
    assert.deepEqual(failed, [], 'some node always serves')
    for (const [key, value] of written) {
      for (const node of [SEED, 'kadlab-04']) {
        assert.equal(await cluster.get(node, key), value, `${key} on ${node}`)
      }
    }
    await startedInTurn(ALL_FIVE, starts)
  })

  it('takes a pack that does not start back, on one node alone, and heals with the next', async () => {
    const main = join(workspace.root, 'node/main.ts')
    const sound = await readFile(main, 'utf8')
    await writeFile(main, `throw new Error('broken on purpose')\n${sound}`)
    const before = await cluster.rollout(SEED)
    const untouched = ALL_FIVE.slice(1)
    const processes = await Promise.all(untouched.map((node) => cluster.process(node)))
    await apply(...FIVE, '-var', 'update_timeout_seconds=8')
    await eventually(async () => {
      const { state, running, detail } = await cluster.rollout(SEED)
      assert.equal(`${state} ${running}`, `rolled-back ${before.running}`, detail)
      const { healthy, rollout: next } = await cluster.health('kadlab-01')
      assert.equal(`${healthy} ${next?.state}`, 'false waiting', next?.detail)
      assert.match(
        next?.detail ?? '',
        /^for kadlab-00 to run release [0-9a-f]{12}: it runs kadlab\//,
      )
    })
    await cluster.listsItself(ALL_FIVE)
    assert.deepEqual(await Promise.all(untouched.map((node) => cluster.process(node))), processes)

    await writeFile(main, sound)
    await apply(...FIVE)
    await cluster.isAtRest(await releases())
    assert.equal((await cluster.rollout(SEED)).running, before.running)
  })

  it('replaces the seed alone when told to, which keeps its address and peer id', async () => {
    const address = `module.nodes.azurerm_linux_virtual_machine.this["${SEED}"]`
    const before = await cluster.status(SEED)
    const plan = await readPlan(workspace, [...FIVE, `-replace=${address}`])
    assert.deepEqual([plan.created, plan.changed, plan.destroyed], [[address], [], [address]])
    await apply(...FIVE, `-replace=${address}`)
    await azure.boot(SEED)
    await cluster.listsItself(ALL_FIVE)
    const status = await cluster.status(SEED)
    assert.deepEqual([status.peerId, status.announced], [before.peerId, before.announced])
    assert.equal(await cluster.get(SEED, 'from-01'), 'one')
  })

  it('leaves no process behind when it is destroyed', async () => {
    assert.notDeepEqual(await azure.processes(), [])
    await terraform('destroy', '-auto-approve', ...FIVE)
    assert.deepEqual(azure.machines, [])
    assert.deepEqual(await azure.processes(), [])
  })

  async function startsOf(nodes: readonly string[]): Promise<number[]> {
    return Promise.all(nodes.map(async (node) => (await cluster.log(node)).length))
  }

  /** Each node ended only after the one before it was up again. */
  async function startedInTurn(nodes: readonly string[], linesBefore: number[]): Promise<void> {
    let earlier = ''
    for (const [index, node] of nodes.entries()) {
      const lines = (await cluster.log(node)).slice(linesBefore[index])
      const ended = lines.find((line) => line.msg === 'stopping')?.time ?? ''
      const started = lines.findLast((line) => line.msg === 'started')?.time ?? ''
      assert.ok(ended > earlier, `${node} ended at ${ended}, before ${earlier}`)
      assert.ok(started > ended, node)
      earlier = started
    }
  }

  /** Puts and gets, as a client does that knows all nodes; returns what no node did for it. */
  async function readAndWrite(
    written: Map<string, string>,
    signal: AbortSignal,
  ): Promise<string[]> {
    const failed: string[] = []
    for (let turn = 0; !signal.aborted; turn++) {
      const [key, value] = [`turn-${turn}`, `value ${turn}`]
      const put = await onAnyNode(turn, (node) => cluster.put(node, key, value))
      if (put === null) failed.push(`put ${key}`)
      else written.set(key, value)
      const read = await onAnyNode(turn + 2, (node) => cluster.get(node, key))
      if (put !== null && read !== value) failed.push(`get ${key}: ${read}`)
    }
    return failed
  }

  /** What the first node gave that could, starting with another one each turn: one of five is always being replaced. */
  async function onAnyNode<T>(turn: number, ask: (node: string) => Promise<T>): Promise<T | null> {
    for (const index of ALL_FIVE.keys()) {
      const node = ALL_FIVE[(turn + index) % ALL_FIVE.length] ?? SEED
      try {
        return await ask(node)
      } catch {
        // The next one may be up.
      }
    }
    return null
  }
})
