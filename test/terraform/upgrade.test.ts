import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isEmpty, LiveCluster, type Variables } from './live.ts'

// States that the module wrote when nodes stood at azurerm_linux_virtual_machine.node, with a zonal address each.
const THREE = { ssh_source_cidrs: ['198.51.100.7/32'] }
const SIX = {
  prefix: 'planet',
  node_count: 6,
  locations: ['westeurope', 'eastus', 'southeastasia'],
  monitoring: true,
}

async function openState(name: string, variables: Variables): Promise<LiveCluster> {
  await using stack = new AsyncDisposableStack()
  const live = stack.use(await LiveCluster.open())
  await copyFile(join(import.meta.dirname, 'states', `${name}.state`), live.statePath)
  // By a plan the stub's Azure comes to know what the state has.
  await live.run('plan', variables)
  stack.move()
  return live
}

async function upgraded(name: string, variables: Variables): Promise<LiveCluster> {
  await using stack = new AsyncDisposableStack()
  const live = stack.use(await openState(name, variables))
  await live.apply(variables)
  stack.move()
  return live
}

describe('a deployment of the version before', () => {
  for (const [name, variables] of [
    ['three', THREE],
    ['six-in-three-regions', SIX],
  ] as const) {
    it(`is carried over with every VM, address and range: ${name}`, async () => {
      await using live = await openState(name, variables)
      const { refused, planned, failed, again, fates, before, after } = await live.change(variables)
      assert.deepEqual([refused, failed], [null, null])
      // The pack is another one, as with every new version, and the rest is memory.
      const made = [...planned.created, ...planned.replaced, ...planned.destroyed]
      assert.deepEqual(
        made.filter((address) => !/terraform_data\.|azurerm_storage_blob\./.test(address)),
        [],
      )
      assert.deepEqual(new Set(Object.values(fates)), new Set(['updated']), 'user data alone')
      const sameRelease = after.map((node) => ({ ...node, release: '' }))
      assert.deepEqual(
        sameRelease,
        before.map((node) => ({ ...node, release: '' })),
      )
      assert.ok(isEmpty(again), JSON.stringify(again))
    })
  }

  it('keeps its ranges when a region comes first that was not there', async () => {
    await using live = await upgraded('six-in-three-regions', SIX)
    const ranges = (): string[] =>
      live.ledger
        .all('azurerm_virtual_network')
        .map(({ values }) => `${String(values['location'])} ${String(values['address_space'])}`)
    const old = ranges()
    const locations = ['northeurope', ...SIX.locations]
    const { failed, again } = await live.change({ ...SIX, locations })
    assert.deepEqual([failed, isEmpty(again)], [null, true])
    assert.deepEqual(
      ranges().filter((range) => !old.includes(range)),
      ['northeurope 10.20.38.0/24'],
    )
  })

  it('refuses, in the plan, zones that its zonal addresses do not have, and says what to add', async () => {
    await using live = await upgraded('three', THREE)
    const variables = { ...THREE, zones: ['3'] }
    const { refused } = await live.change(variables)
    assert.match(refused ?? '', /kadlab-00 would stand in zone 3, but its public address/)
    assert.doesNotMatch(refused ?? '', /kadlab-02/, 'whose zone is 3 already')
    const replace = ['kadlab-00', 'kadlab-01'].map(
      (node) => `-replace=module.nodes.azurerm_public_ip.this["${node}"]`,
    )
    assert.ok((refused ?? '').includes(`-replace='${replace[0]?.slice('-replace='.length)}'`))
    const { failed, again, fates, after } = await live.change(variables, ...replace)
    assert.deepEqual([failed, isEmpty(again)], [null, true])
    assert.deepEqual(fates, {
      'kadlab-00': 'replaced',
      'kadlab-01': 'replaced',
      'kadlab-02': 'updated',
    })
    assert.deepEqual(new Set(after.map(({ zone }) => zone)), new Set(['3']))
  })

  it('gives up zones and keeps its addresses', async () => {
    await using live = await upgraded('three', THREE)
    const { failed, again, before, after } = await live.change({ ...THREE, zones: [] })
    assert.deepEqual([failed, isEmpty(again)], [null, true])
    assert.deepEqual(
      after.map(({ publicIp }) => publicIp),
      before.map(({ publicIp }) => publicIp),
    )
  })
})
