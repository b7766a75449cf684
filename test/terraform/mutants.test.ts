import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkspace, type Workspace } from './terraform.ts'

interface Mutant {
  what: string
  file: string
  from: string
  to: string
}

const MUTANTS: readonly Mutant[] = [
  {
    what: 'a misspelled attribute',
    file: 'modules/machines/main.tf',
    from: 'idle_timeout_in_minutes = 30',
    to: 'idle_timeout_minutes = 30',
  },
  {
    what: 'a required attribute left out',
    file: 'modules/machines/main.tf',
    from: 'allocation_method       = "Static"',
    to: '',
  },
  {
    what: 'a value of the wrong type',
    file: 'modules/machines/main.tf',
    from: 'network_interface_ids           = [azurerm_network_interface.this[each.key].id]',
    to: 'network_interface_ids = { a = azurerm_network_interface.this[each.key].id }',
  },
  {
    what: 'a misspelled block',
    file: 'modules/machines/main.tf',
    from: '  os_disk {',
    to: '  osdisk {',
  },
  {
    what: 'a reference to nothing',
    file: 'modules/machines/main.tf',
    from: 'azurerm_network_interface.this[each.key].id',
    to: 'azurerm_network_interface.nodes[each.key].id',
  },
  {
    what: 'an attribute that no resource has, in a for expression',
    file: 'modules/machines/outputs.tf',
    from: 'value       = { for key, ip in azurerm_public_ip.this : key => ip.ip_address }',
    to: 'value = { for key, ip in azurerm_public_ip.this : key => ip.ip_addres }',
  },
  {
    what: 'an unknown kind of public IP',
    file: 'modules/machines/main.tf',
    from: 'sku                     = "Standard"',
    to: 'sku = "Premium"',
  },
  {
    what: 'an unknown protocol',
    file: 'network.tf',
    from: 'priority    = 100, access = "Allow", protocol = "Tcp"',
    to: 'priority = 100, access = "Allow", protocol = "TCPv4"',
  },
  {
    what: 'an unknown kind of disk cache',
    file: 'modules/machines/main.tf',
    from: 'caching              = "ReadWrite"',
    to: 'caching = "WriteBack"',
  },
  {
    what: 'a priority above 4096',
    file: 'network.tf',
    from: 'priority    = 4096',
    to: 'priority = 5000',
  },
  {
    what: 'an idle timeout above 30 minutes',
    file: 'modules/machines/main.tf',
    from: 'idle_timeout_in_minutes = 30',
    to: 'idle_timeout_in_minutes = 300',
  },
  {
    what: 'an empty size',
    file: 'modules/machines/main.tf',
    from: 'size                            = var.size',
    to: 'size = ""',
  },
  {
    what: 'custom data that is not base64',
    file: 'modules/machines/main.tf',
    from: 'custom_data                     = base64encode(var.custom_data[each.key])',
    to: 'custom_data = var.custom_data[each.key]',
  },
  {
    what: "a security group's id where a subnet's is due",
    file: 'network.tf',
    from: 'subnet_id                 = each.value.id',
    to: 'subnet_id = azurerm_network_security_group.nodes[each.key].id',
  },
  {
    what: 'an attribute that azurerm 5 no longer has',
    file: 'network.tf',
    from: 'default_outbound_access_enabled = false',
    to: 'service_endpoints = ["Microsoft.Storage"]',
  },
]

describe('the stub provider', () => {
  let workspace: Workspace

  before(async () => {
    workspace = await openWorkspace()
  })
  after(async () => {
    await workspace[Symbol.asyncDispose]()
  })

  // Quick first: what validate finds needs no plan.
  async function complaint(): Promise<string | null> {
    const validated = await workspace.terraform(['validate', '-no-color'])
    if (validated.code !== 0) return validated.text
    const tested = await workspace.terraform([
      'test',
      '-no-color',
      '-filter=tests/deployment.tftest.hcl',
    ])
    return tested.code === 0 ? null : tested.text
  }

  it('has nothing to say against the module as it is', async () => {
    assert.equal(await complaint(), null)
  })

  for (const mutant of MUTANTS) {
    it(`catches ${mutant.what}`, async () => {
      const path = join(workspace.root, 'terraform', mutant.file)
      const sound = await readFile(path, 'utf8')
      assert.ok(sound.includes(mutant.from), `${mutant.file} no longer has: ${mutant.from}`)
      await writeFile(path, sound.replace(mutant.from, mutant.to))
      try {
        assert.notEqual(await complaint(), null)
      } finally {
        await writeFile(path, sound)
      }
    })
  }
})
