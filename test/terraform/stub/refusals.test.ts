import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AzureOptions, createAzure } from './azurerm.ts'
import { Ledger } from './ledger.ts'
import type { Behaviour } from './provider.ts'
import type { Values } from './values.ts'

const GROUP = 'kadlab-rg'
const CONFIGURATION = { name: 'primary', private_ip_address_allocation: 'Dynamic' }

/** A group with a network, a subnet, a security group, an address, a NIC and a machine, all in westeurope. */
class SmallAzure {
  readonly ledger = new Ledger()
  readonly azure: Behaviour
  readonly made = new Map<string, Values>()

  constructor(options: Omit<AzureOptions, 'workingDirectory'> = {}) {
    this.azure = createAzure({ ...options, workingDirectory: '/', ledger: this.ledger })
  }

  async make(type: string, values: Values): Promise<Values> {
    const where = type === 'azurerm_resource_group' ? {} : { resource_group_name: GROUP }
    const made = await this.azure.create?.(type, { ...where, ...values })
    assert.ok(made !== undefined)
    this.azure.stored?.(type, made)
    this.made.set(type, made)
    return made
  }

  async change(type: string, changes: Values): Promise<void> {
    const prior = this.of(type)
    const values = await this.azure.update?.(type, { ...prior, ...changes }, prior)
    assert.ok(values !== undefined)
    this.azure.stored?.(type, values)
    this.made.set(type, values)
  }

  async destroy(type: string): Promise<void> {
    await this.azure.destroy?.(type, this.of(type))
  }

  of(type: string): Values {
    return this.made.get(type) ?? assert.fail(`no ${type} was made`)
  }

  machine(changes: Values = {}): Values {
    return {
      name: 'kadlab-00',
      location: 'westeurope',
      size: 'Standard_B2ats_v2',
      zone: '1',
      admin_username: 'kadlab',
      secure_boot_enabled: true,
      vtpm_enabled: true,
      network_interface_ids: [this.of('azurerm_network_interface')['id']],
      os_disk: [{ caching: 'ReadWrite', disk_size_gb: 64 }],
      source_image_reference: [{ sku: 'server' }],
      user_data: '',
      ...changes,
    }
  }

  async furnish(zones: readonly string[] = ['1', '2', '3']): Promise<void> {
    const location = 'westeurope'
    await this.make('azurerm_resource_group', { name: GROUP, location })
    await this.make('azurerm_virtual_network', {
      name: 'net',
      location,
      address_space: ['10.20.0.0/24'],
    })
    const subnet = await this.make('azurerm_subnet', {
      name: 'nodes',
      virtual_network_name: 'net',
      address_prefixes: ['10.20.0.0/25'],
    })
    await this.make('azurerm_network_security_group', { name: 'nsg', location })
    await this.make('azurerm_network_security_rule', {
      name: 'AllowKademlia',
      network_security_group_name: 'nsg',
      priority: 100,
      source_address_prefix: '*',
    })
    await this.make('azurerm_subnet_network_security_group_association', {
      subnet_id: subnet['id'],
      network_security_group_id: this.of('azurerm_network_security_group')['id'],
    })
    const ip = await this.make('azurerm_public_ip', { name: 'ip', location, zones })
    await this.make('azurerm_network_interface', {
      name: 'nic',
      location,
      ip_configuration: [
        { ...CONFIGURATION, subnet_id: subnet['id'], public_ip_address_id: ip['id'] },
      ],
    })
  }

  static async withMachine(options?: Omit<AzureOptions, 'workingDirectory'>): Promise<SmallAzure> {
    const small = new SmallAzure(options)
    await small.furnish()
    await small.make('azurerm_linux_virtual_machine', small.machine())
    return small
  }

  running(): boolean {
    const [machine] = this.ledger.all('azurerm_linux_virtual_machine')
    return machine?.hardware?.running === true
  }
}

async function refused(code: RegExp, attempt: () => Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: Error) => {
    assert.equal(error.name, 'AzureRefusal', error.stack)
    assert.match(error.message, code)
    return true
  })
}

describe("the stub's Azure", () => {
  it('deletes nothing that something else holds', async () => {
    const small = await SmallAzure.withMachine()
    for (const [type, code] of [
      ['azurerm_public_ip', /^PublicIPAddressCannotBeDeleted: .*allocated to resource .*\/nic/],
      ['azurerm_network_interface', /^NicInUse/],
      ['azurerm_subnet', /^InUseSubnetCannotBeDeleted/],
      ['azurerm_virtual_network', /^InUseSubnetCannotBeDeleted/],
      ['azurerm_network_security_group', /^InUseNetworkSecurityGroupCannotBeDeleted/],
      ['azurerm_resource_group', /^ResourceGroupNotEmpty: .*still contains Resources/],
    ] as const) {
      await refused(code, () => small.destroy(type))
    }
  })

  it('deletes a full group where the provider is told to', async () => {
    const small = await SmallAzure.withMachine()
    const features = [{ resource_group: [{ prevent_deletion_if_contains_resources: false }] }]
    small.azure.configure?.({ features })
    await small.destroy('azurerm_resource_group')
    assert.deepEqual(small.ledger.contentsOf(GROUP), [])
  })

  it('deletes the rules with their security group, which a state then no longer finds', async () => {
    const small = await SmallAzure.withMachine()
    await small.destroy('azurerm_subnet_network_security_group_association')
    await small.destroy('azurerm_network_security_group')
    const rule = small.of('azurerm_network_security_rule')
    assert.equal(small.azure.read?.('azurerm_network_security_rule', rule), null)
  })

  it('keeps subnets within their network, and networks around subnets that are in use', async () => {
    const small = await SmallAzure.withMachine()
    const subnet = { name: 'more', virtual_network_name: 'net' }
    await refused(/^NetcfgSubnetRangeOutsideVnet/, () =>
      small.make('azurerm_subnet', { ...subnet, address_prefixes: ['10.21.0.0/25'] }),
    )
    await refused(/^NetcfgSubnetRangesOverlap/, () =>
      small.make('azurerm_subnet', { ...subnet, address_prefixes: ['10.20.0.0/26'] }),
    )
    await refused(/^InUsePrefixCannotBeDeleted/, () =>
      small.change('azurerm_virtual_network', { address_space: ['10.30.0.0/24'] }),
    )
    await refused(/^InUsePrefixCannotBeDeleted/, () =>
      small.change('azurerm_subnet', { address_prefixes: ['10.20.0.128/25'] }),
    )
  })

  it('takes no machine into another zone than its address', async () => {
    const small = new SmallAzure()
    await small.furnish(['2'])
    await refused(/^ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint/, () =>
      small.make('azurerm_linux_virtual_machine', small.machine()),
    )
    await small.make('azurerm_linux_virtual_machine', small.machine({ zone: '2' }))
  })

  it('gives Trusted Launch to no Ampere, an ARM image to ARM alone, and generation 2 to no old family', async () => {
    const small = new SmallAzure()
    await small.furnish()
    const arm = { source_image_reference: [{ sku: 'server-arm64' }] }
    const make = (changes: Values): Promise<Values> =>
      small.make('azurerm_linux_virtual_machine', small.machine(changes))
    for (const size of ['Standard_B2pts_v2', 'Standard_D2plds_v5', 'Standard_E4ps_v5']) {
      await refused(/TrustedLaunch/, () => make({ ...arm, size }))
    }
    await refused(/CPU Architecture/, () => make({ size: 'Standard_D2pls_v6' }))
    await refused(/Generation '2'/, () => make({ size: 'Standard_D2_v3' }))
    await refused(/Admin Username/, () => make({ admin_username: 'actuser' }))
    await make({ ...arm, size: 'Standard_D2pls_v6' })
  })

  it('leaves a machine stopped that it refuses to change, and starts none that was stopped', async () => {
    const lacking = new Set(['Standard_B4als_v2'])
    const small = await SmallAzure.withMachine({ shortage: (size) => lacking.has(size) })
    const type = 'azurerm_linux_virtual_machine'
    await refused(/^SkuNotAvailable/, () => small.change(type, { size: 'Standard_B4als_v2' }))
    assert.equal(small.running(), false)
    lacking.clear()
    await small.change(type, { size: 'Standard_B4als_v2' })
    assert.equal(small.running(), false, 'azurerm starts what it stopped, and nothing else')
  })

  it('makes no disk smaller, and finds out after it stopped the machine', async () => {
    const small = await SmallAzure.withMachine()
    await refused(/^OperationNotAllowed: .* from 64 GB to 32 GB/, () =>
      small.change('azurerm_linux_virtual_machine', { os_disk: [{ disk_size_gb: 32 }] }),
    )
    assert.equal(small.running(), false)
  })

  it('replaces a machine for another kind of disk', () => {
    const small = new SmallAzure()
    assert.ok(
      small.azure.forceNew?.['azurerm_linux_virtual_machine']?.includes(
        'os_disk.storage_account_type',
      ),
    )
  })

  it('knows no region that there is none of, and no zones where there are none', async () => {
    const small = new SmallAzure()
    await refused(/^LocationNotAvailableForResourceGroup/, () =>
      small.make('azurerm_resource_group', { name: GROUP, location: 'westeurop' }),
    )
    await small.furnish()
    await refused(/^AvailabilityZoneNotSupported/, () =>
      small.make('azurerm_public_ip', { name: 'other', location: 'northcentralus', zones: ['1'] }),
    )
  })

  it('takes no rule with ranges that overlap, nor one for IPv6', async () => {
    const small = await SmallAzure.withMachine()
    const rule = { name: 'AllowSsh', network_security_group_name: 'nsg', priority: 110 }
    const make = (prefixes: string[]): Promise<Values> =>
      small.make('azurerm_network_security_rule', { ...rule, source_address_prefixes: prefixes })
    await refused(/overlap/, () => make(['198.51.100.0/24', '198.51.100.7/32']))
    await refused(/IPv6/, () => make(['2001:db8::/32']))
    await make(['198.51.100.0/24', '192.0.2.0/24'])
  })

  it('is bound by policies, and puts their tags on what it makes', async () => {
    const small = new SmallAzure({
      policy: (type, values) =>
        type === 'azurerm_public_ip' && values['name'] === 'forbidden' ? 'no-such-name' : null,
      policyTags: { CostCenter: '42' },
    })
    await small.furnish()
    const ip = { location: 'westeurope', tags: { mine: 'yes' } }
    await refused(/^RequestDisallowedByPolicy: .*no-such-name/, () =>
      small.make('azurerm_public_ip', { ...ip, name: 'forbidden' }),
    )
    const made = await small.make('azurerm_public_ip', { ...ip, name: 'allowed' })
    assert.deepEqual(made['tags'], { mine: 'yes', CostCenter: '42' })
    await refused(/^InvalidTagNames/, () =>
      small.make('azurerm_public_ip', { ...ip, name: 'third', tags: { a: '1', A: '2' } }),
    )
  })
})
