import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { packVersion } from '../../scripts/pack/pack.ts'
import { tar } from '../../scripts/pack/tar.ts'
import { readPlan } from './plan.ts'
import { cloneProject, openWorkspace, PROJECT, type Workspace } from './terraform.ts'

const execute = promisify(execFile)

async function makePack(root: string): Promise<{ name: string; sha256: string; path: string }> {
  await execute('node', ['terraform/pack/make.mjs'], { cwd: root })
  const folder = join(root, 'terraform/.pack')
  const [name = ''] = await readdir(folder)
  const path = join(folder, name)
  return {
    name,
    path,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  }
}

describe('the pack', () => {
  const clones: string[] = []

  before(async () => {
    clones.push(await cloneProject(), await cloneProject())
  })
  after(async () => {
    await Promise.all(clones.map((clone) => rm(clone, { recursive: true, force: true })))
  })

  it('is the same byte for byte from the same sources, wherever they lie', async () => {
    const [one, other] = await Promise.all(clones.map(makePack))
    assert.ok(one !== undefined && other !== undefined)
    assert.equal(one.name, `kadlab-${await packVersion(PROJECT)}.tar`)
    assert.equal(one.name, other.name)
    assert.equal(one.sha256, other.sha256)
  })

  it('holds the bundle, the add-on for both processors, and how to build an image', async () => {
    const { path } = await makePack(clones[0] ?? '')
    const { stdout } = await execute('tar', ['-tf', path])
    assert.deepEqual(stdout.trim().split('\n'), [
      'Dockerfile',
      'classic-level.amd64.node',
      'classic-level.arm64.node',
      'kadlab.mjs',
    ])
  })

  it('is not made under a version that the sources do not have', async () => {
    const making = execute('node', ['terraform/pack/make.mjs', '0123456789abcdef'], {
      cwd: clones[0],
    })
    await assert.rejects(making, /Terraform planned version 0123456789abcdef .* plan again/)
  })

  it('has another version once a source is another, or has another name', async () => {
    const clone = clones[1] ?? ''
    const before = await packVersion(clone)
    await appendFile(join(clone, 'node/main.ts'), '\n')
    const changed = await packVersion(clone)
    assert.notEqual(changed, before)
    await mkdir(join(clone, 'node/more'))
    await writeFile(join(clone, 'node/more/empty.ts'), '')
    assert.notEqual(await packVersion(clone), changed)
    await rm(join(clone, 'node/more'), { recursive: true })
    assert.equal(await packVersion(clone), changed)
  })
})

describe('a plan', () => {
  let workspace: Workspace

  before(async () => {
    workspace = await openWorkspace()
  })
  after(async () => {
    await workspace[Symbol.asyncDispose]()
  })

  async function apply(...args: string[]): Promise<void> {
    const outcome = await workspace.terraform(['apply', '-auto-approve', '-no-color', ...args])
    assert.equal(outcome.code, 0, outcome.text)
  }

  it('names the version that the pack then has', async () => {
    await apply()
    const { stdout } = await workspace.terraform(['output', '-raw', 'pack_version'])
    assert.equal(stdout, await packVersion(workspace.root))
  })

  it('is empty a second time', async () => {
    assert.deepEqual(await readPlan(workspace, []), { created: [], changed: [], destroyed: [] })
  })

  it('changes nothing but user data for another setting, in place', async () => {
    const plan = await readPlan(workspace, ['-var', 'log_level=debug'])
    const machines = [0, 1, 2].map(
      (i) => `module.nodes.azurerm_linux_virtual_machine.this["kadlab-0${i}"]`,
    )
    assert.deepEqual(plan, { created: [], changed: machines, destroyed: [] })
  })

  it('opens a port and changes user data for monitoring, and replaces nothing', async () => {
    const plan = await readPlan(workspace, ['-var', 'monitoring=true'])
    assert.deepEqual(plan.destroyed, [])
    const machines = [0, 1, 2].map(
      (i) => `module.nodes.azurerm_linux_virtual_machine.this["kadlab-0${i}"]`,
    )
    assert.deepEqual(plan.changed, machines)
    assert.ok(
      plan.created.includes('azurerm_network_security_rule.nodes["westeurope/AllowMetrics"]'),
    )
  })

  it('leaves machines alone when the scripts for new ones change', async () => {
    await appendFile(join(workspace.root, 'terraform/files/kadlab-rollout'), '\n# A new version.\n')
    assert.deepEqual(await readPlan(workspace, []), { created: [], changed: [], destroyed: [] })
  })

  it('replaces the machine whose identity is replaced, and tells the others of a new seed', async () => {
    const plan = await readPlan(workspace, ['-replace=tls_private_key.node["kadlab-00"]'])
    const seed = 'module.nodes.azurerm_linux_virtual_machine.this["kadlab-00"]'
    assert.ok(plan.created.includes(seed) && plan.destroyed.includes(seed))
    const others = ['kadlab-01', 'kadlab-02'].map(
      (name) => `module.nodes.azurerm_linux_virtual_machine.this["${name}"]`,
    )
    for (const other of others)
      assert.ok(plan.changed.includes(other) && !plan.destroyed.includes(other))
  })

  it('replaces nothing but the validity when the URL of the pack is renewed', async () => {
    const plan = await readPlan(workspace, ['-replace=terraform_data.pack_url_validity[0]'])
    const validity = 'terraform_data.pack_url_validity[0]'
    assert.deepEqual([plan.created, plan.destroyed], [[validity], [validity]])
    assert.equal(plan.changed.length, 3)
  })

  it('renews the expiry tag in place when asked to', async () => {
    const plan = await readPlan(workspace, ['-var', 'expires_after_hours=10'])
    assert.deepEqual(plan.created, ['terraform_data.expiry'])
    assert.deepEqual(plan.destroyed, ['terraform_data.expiry'])
    assert.ok(plan.changed.includes('azurerm_resource_group.this[0]'))
  })
})

describe('tar', () => {
  it('writes what the tar command reads', async () => {
    const bytes = tar([
      { name: 'b', bytes: Buffer.from('x'.repeat(513)) },
      { name: 'a', bytes: Buffer.from('hello') },
    ])
    const child = execute('tar', ['-xOf', '-', 'a', 'b'])
    child.child.stdin?.end(bytes)
    assert.equal((await child).stdout, `hello${'x'.repeat(513)}`)
  })

  it('refuses names that its headers have no room for', () => {
    assert.throws(() => tar([{ name: 'n'.repeat(101), bytes: Buffer.alloc(0) }]), RangeError)
  })
})
