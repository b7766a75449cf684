import type { Values } from './values.ts'

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000'

const KINDS: Readonly<Record<string, string>> = {
  azurerm_virtual_network: 'Microsoft.Network/virtualNetworks',
  azurerm_network_security_group: 'Microsoft.Network/networkSecurityGroups',
  azurerm_public_ip: 'Microsoft.Network/publicIPAddresses',
  azurerm_network_interface: 'Microsoft.Network/networkInterfaces',
  azurerm_linux_virtual_machine: 'Microsoft.Compute/virtualMachines',
  azurerm_managed_disk: 'Microsoft.Compute/disks',
  azurerm_storage_account: 'Microsoft.Storage/storageAccounts',
}

/** An attribute as text; the empty text where it is none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A list or set of texts; empty where it is none. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** The blocks of a name; none where there are none. */
export function blocks(values: Values, name: string): Values[] {
  const found = values[name]
  return Array.isArray(found) ? (found as Values[]) : []
}

/** The first block of a name; an empty one where there is none. */
export function firstBlock(values: Values, name: string): Values {
  return blocks(values, name)[0] ?? {}
}

/** The id of a resource group. */
export function groupId(name: string): string {
  return `${SUBSCRIPTION}/resourceGroups/${name}`
}

/** The id that Azure gives to a resource with these attributes. */
export function idOf(type: string, values: Values): string {
  const providers = `${groupId(text(values['resource_group_name']))}/providers`
  const name = text(values['name'])
  switch (type) {
    case 'azurerm_resource_group':
      return groupId(name)
    case 'azurerm_subnet':
      return `${providers}/Microsoft.Network/virtualNetworks/${text(values['virtual_network_name'])}/subnets/${name}`
    case 'azurerm_network_security_rule':
      return `${providers}/Microsoft.Network/networkSecurityGroups/${text(values['network_security_group_name'])}/securityRules/${name}`
    case 'azurerm_subnet_network_security_group_association':
      return text(values['subnet_id'])
    case 'azurerm_storage_container':
      return `${text(values['storage_account_id'])}/blobServices/default/containers/${name}`
    case 'azurerm_storage_blob':
      return `${text(values['storage_container_id'])}/blobs/${name}`
    default:
      return `${providers}/${KINDS[type] ?? type}/${name}`
  }
}

/** The id that a part of another resource hangs on: a subnet's network, a rule's group; null where it is none. */
export function parentOf(id: string): string | null {
  return (
    /^(.*\/virtualnetworks\/[^/]+)\/subnets\/[^/]+$/i.exec(id)?.[1] ??
    /^(.*\/networksecuritygroups\/[^/]+)\/securityrules\/[^/]+$/i.exec(id)?.[1] ??
    /^(.*\/subnets\/[^/]+)\/association$/i.exec(id)?.[1] ??
    /^(.*\/containers\/[^/]+)\/blobs\/[^/]+$/i.exec(id)?.[1] ??
    /^(.*\/storageaccounts\/[^/]+)\/blobservices\/default\/containers\/[^/]+$/i.exec(id)?.[1] ??
    null
  )
}

const ASSOCIATION = 'azurerm_subnet_network_security_group_association'

/** What a resource is held under: its id, but for an association, whose id is its subnet's. */
export function keyOf(type: string, id: unknown): string {
  return (type === ASSOCIATION ? `${text(id)}/association` : text(id)).toLowerCase()
}
