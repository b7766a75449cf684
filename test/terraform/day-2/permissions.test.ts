import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isEmpty, LiveCluster } from '../live.ts'
import { SOME_IMAGE } from '../rendered.ts'
import { blocks, groupId, idOf } from '../stub/ids.ts'
import { Ledger } from '../stub/ledger.ts'
import type { Values } from '../stub/values.ts'
import { GIVEN_GROUP } from './changes.ts'

const BASE = { image: SOME_IMAGE, monitoring: true }

/** A policy that many organisations have: no subnet without a security group, not for a moment. */
function subnetsNeedGroups(type: string, values: Values): string | null {
  const bare =
    type === 'azurerm_subnet' ||
    blocks(values, 'subnet').some((subnet) => (subnet['security_group'] ?? '') === '')
  return bare ? 'subnets-have-a-security-group' : null
}

function withGivenGroup(): Ledger {
  const ledger = new Ledger()
  const group = { name: GIVEN_GROUP, location: 'eastus', tags: { theirs: 'yes' } }
  ledger.put('azurerm_resource_group', { ...group, id: groupId(GIVEN_GROUP) })
  return ledger
}

describe('for those who may not do everything', () => {
  it('makes subnets together with their security group, where a policy demands it', async () => {
    await using live = await LiveCluster.open({ policy: subnetsNeedGroups })
    await assert.rejects(live.apply(BASE), /RequestDisallowedByPolicy/, 'the control')
  })

  it('and then everything else, as ever', async () => {
    await using live = await LiveCluster.open({ policy: subnetsNeedGroups })
    const variables = { ...BASE, subnets_with_security_group: true }
    await live.apply(variables)
    const first = await live.run('plan', variables)
    assert.ok(isEmpty(first.planned), JSON.stringify(first.planned))
    const { failed, again } = await live.change({
      ...variables,
      monitoring: false,
      locations: ['westeurope', 'northeurope'],
    })
    assert.deepEqual([failed, isEmpty(again)], [null, true])
    // The switch counts at the first apply alone.
    const later = await live.change({ ...variables, subnets_with_security_group: false })
    assert.deepEqual([later.failed, isEmpty(later.again)], [null, true])
    assert.deepEqual(live.ledger.all('azurerm_subnet_network_security_group_association'), [])
  })

  it('uses a resource group that exists, and leaves it there', async () => {
    const ledger = withGivenGroup()
    await using live = await LiveCluster.open({ ledger })
    const variables = { resource_group_name: GIVEN_GROUP }
    await live.apply(variables)
    assert.deepEqual(
      ledger.all('azurerm_resource_group').map(({ values }) => values['name']),
      [GIVEN_GROUP],
    )
    const { code } = await live.run('destroy', variables, '-auto-approve')
    assert.equal(code, 0)
    assert.deepEqual(ledger.contentsOf(GIVEN_GROUP), [])
    assert.deepEqual(ledger.get(groupId(GIVEN_GROUP))?.values['tags'], { theirs: 'yes' })
  })

  it("leaves a policy's tags alone where told to", async () => {
    await using live = await LiveCluster.open({
      ledger: withGivenGroup(),
      policyTags: { CostCenter: '42' },
    })
    const variables = { ...BASE, resource_group_name: GIVEN_GROUP }
    await live.apply(variables)
    const bare = await live.run('plan', variables)
    assert.ok(!isEmpty(bare.planned), 'the control: without, each plan would take them away')
    const told = { ...variables, ignored_tags: ['costcenter'] }
    const quiet = await live.run('plan', told)
    assert.ok(isEmpty(quiet.planned), JSON.stringify(quiet.planned))
    const { failed, again } = await live.change({ ...told, tags: { owner: 'somebody' } })
    assert.deepEqual([failed, isEmpty(again)], [null, true])
    const [machine] = live.ledger.all('azurerm_linux_virtual_machine')
    const tags = (machine?.values['tags'] ?? {}) as Record<string, string>
    assert.deepEqual([tags['CostCenter'], tags['owner']], ['42', 'somebody'])
  })

  it("destroys a group that holds more than the module's only where told to", async () => {
    await using live = await LiveCluster.open()
    await live.apply(BASE)
    const foreign = {
      resource_group_name: 'kadlab-rg',
      name: 'policy-put-this',
      location: 'eastus',
    }
    live.ledger.put('azurerm_public_ip', { ...foreign, id: idOf('azurerm_public_ip', foreign) })
    const kept = await live.run('destroy', BASE, '-auto-approve')
    assert.equal(kept.code, 1)
    assert.match(kept.errors.join(), /still contains Resources: .*policy-put-this/)
    const variables = { ...BASE, prevent_deletion_if_contains_resources: false }
    const gone = await live.run('destroy', variables, '-auto-approve')
    assert.equal(gone.code, 0, gone.errors.join())
    assert.equal(live.ledger.get(groupId('kadlab-rg')), undefined)
  })
})
