import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Behaviour } from './provider.ts'
import { faultsOf } from './rules.ts'
import type { Values } from './values.ts'

/** A virtual machine as the stub's Azure knows it. */
export interface VirtualMachine {
  name: string
  privateIp: string
  publicIp: string | null
  /** Decoded. */
  customData: string
  /** Base64, as the metadata service gives it. */
  userData: string
}

export interface SecurityRule {
  group: string
  name: string
  priority: number
  access: 'Allow' | 'Deny'
  /** One port, or `*`. */
  port: string
  sources: string[]
}

/** What happens beyond the state: the end-to-end test builds a network namespace for each machine. */
export interface Cloud {
  machineCreated?: (machine: VirtualMachine) => Promise<void>
  userDataChanged?: (machine: VirtualMachine) => Promise<void>
  machineDestroyed?: (name: string) => Promise<void>
  securityRuleChanged?: (rule: SecurityRule, exists: boolean) => Promise<void>
  blobStored?: (path: string, bytes: Uint8Array) => Promise<void>
}

export interface AzureOptions {
  /** Folder that relative paths of a blob's source start from: where terraform runs. */
  workingDirectory: string
  /** Where blobs are served. Default: `https://<account>.blob.core.windows.net/`. */
  blobEndpoint?: (account: string) => string
  cloud?: Cloud
}

const GROUPS = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups'

const KINDS: Readonly<Record<string, string>> = {
  azurerm_virtual_network: 'Microsoft.Network/virtualNetworks',
  azurerm_network_security_group: 'Microsoft.Network/networkSecurityGroups',
  azurerm_public_ip: 'Microsoft.Network/publicIPAddresses',
  azurerm_network_interface: 'Microsoft.Network/networkInterfaces',
  azurerm_linux_virtual_machine: 'Microsoft.Compute/virtualMachines',
  azurerm_storage_account: 'Microsoft.Storage/storageAccounts',
}

/** Attributes whose change replaces the resource, as azurerm's schemas say (ForceNew). */
const FORCE_NEW: Readonly<Record<string, readonly string[]>> = {
  azurerm_resource_group: ['name', 'location'],
  azurerm_virtual_network: ['name', 'resource_group_name', 'location'],
  azurerm_subnet: ['name', 'resource_group_name', 'virtual_network_name'],
  azurerm_network_security_group: ['name', 'resource_group_name', 'location'],
  azurerm_network_security_rule: ['name', 'resource_group_name', 'network_security_group_name'],
  azurerm_subnet_network_security_group_association: ['subnet_id', 'network_security_group_id'],
  azurerm_public_ip: ['name', 'resource_group_name', 'location', 'sku', 'zones'],
  azurerm_network_interface: ['name', 'resource_group_name', 'location'],
  azurerm_linux_virtual_machine: [
    'name',
    'resource_group_name',
    'location',
    'zone',
    'computer_name',
    'custom_data',
    'admin_username',
    'admin_ssh_key',
    'disable_password_authentication',
    'secure_boot_enabled',
    'vtpm_enabled',
    'source_image_reference',
  ],
  azurerm_storage_account: ['name', 'resource_group_name', 'location'],
  azurerm_storage_container: ['name', 'storage_account_id'],
  azurerm_storage_blob: ['name', 'storage_container_id', 'type', 'source', 'source_content'],
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function firstBlock(values: Values, name: string): Values {
  const blocks = values[name]
  return Array.isArray(blocks) ? ((blocks[0] as Values | undefined) ?? {}) : {}
}

function idOf(type: string, values: Values): string {
  const group = `${GROUPS}/${text(values['resource_group_name'])}/providers`
  const name = text(values['name'])
  switch (type) {
    case 'azurerm_resource_group':
      return `${GROUPS}/${name}`
    case 'azurerm_subnet':
      return `${group}/Microsoft.Network/virtualNetworks/${text(values['virtual_network_name'])}/subnets/${name}`
    case 'azurerm_network_security_rule':
      return `${group}/Microsoft.Network/networkSecurityGroups/${text(values['network_security_group_name'])}/securityRules/${name}`
    case 'azurerm_subnet_network_security_group_association':
      return text(values['subnet_id'])
    case 'azurerm_storage_container':
      return `${text(values['storage_account_id'])}/blobServices/default/containers/${name}`
    case 'azurerm_storage_blob':
      return `${text(values['storage_container_id'])}/blobs/${name}`
    default:
      return `${group}/${KINDS[type] ?? type}/${name}`
  }
}

function toRule(values: Values): SecurityRule {
  const sources = texts(values['source_address_prefixes'])
  return {
    group: text(values['network_security_group_name']),
    name: text(values['name']),
    priority: Number(values['priority']),
    access: values['access'] === 'Deny' ? 'Deny' : 'Allow',
    port: text(values['destination_port_range']),
    sources: sources.length > 0 ? sources : [text(values['source_address_prefix'])],
  }
}

/**
 * azurerm as far as the module uses it: a very small Azure that gives ids and addresses, holds blobs and signs URLs.
 * Public addresses are 20.50.0.10 and up, private ones the subnet's from .4 on, as Azure's are.
 */
export function createAzure(options: AzureOptions): Behaviour {
  const cloud = options.cloud ?? {}
  const endpoint =
    options.blobEndpoint ?? ((account: string) => `https://${account}.blob.core.windows.net/`)
  const publicIps = new Map<string, string>()
  const subnets = new Map<string, { prefix: string; next: number }>()
  const interfaces = new Map<string, { privateIp: string; publicIp: string | null }>()
  let nextPublic = 10

  const machineOf = (values: Values): VirtualMachine => {
    const addresses = interfaces.get(texts(values['network_interface_ids'])[0] ?? '')
    return {
      name: text(values['name']),
      privateIp: addresses?.privateIp ?? '',
      publicIp: addresses?.publicIp ?? null,
      customData: Buffer.from(text(values['custom_data']), 'base64').toString(),
      userData: text(values['user_data']),
    }
  }

  const account = (values: Values): Values => {
    const name = text(values['name'])
    const key = createHash('sha512').update(text(values['id'])).digest('base64')
    return {
      primary_access_key: key,
      primary_blob_endpoint: endpoint(name),
      primary_connection_string: `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${key};EndpointSuffix=core.windows.net`,
    }
  }

  const becomesKnown: Readonly<Record<string, (values: Values) => Promise<Values> | Values>> = {
    azurerm_public_ip(values) {
      const address = `20.50.0.${nextPublic++}`
      publicIps.set(text(values['id']), address)
      return { ip_address: address }
    },
    azurerm_subnet(values) {
      const [, prefix = '', first] =
        /^(.*)\.(\d+)\//.exec(texts(values['address_prefixes'])[0] ?? '') ?? []
      subnets.set(text(values['id']), { prefix, next: Number(first) + 4 })
      return {}
    },
    azurerm_network_interface(values) {
      const configuration = firstBlock(values, 'ip_configuration')
      const subnet = subnets.get(text(configuration['subnet_id']))
      if (subnet === undefined) throw new Error('the NIC names no subnet that there is')
      const privateIp = `${subnet.prefix}.${subnet.next++}`
      const publicIp = publicIps.get(text(configuration['public_ip_address_id'])) ?? null
      interfaces.set(text(values['id']), { privateIp, publicIp })
      return { private_ip_address: privateIp, private_ip_addresses: [privateIp] }
    },
    azurerm_storage_account: account,
    async azurerm_storage_blob(values) {
      const [, owner, container] =
        /storageAccounts\/([^/]+)\/blobServices\/default\/containers\/([^/]+)$/.exec(
          text(values['storage_container_id']),
        ) ?? []
      const path = `${container}/${text(values['name'])}`
      const source = resolve(options.workingDirectory, text(values['source']))
      await cloud.blobStored?.(path, await readFile(source))
      return { url: `${endpoint(owner ?? '')}${path}` }
    },
    async azurerm_linux_virtual_machine(values) {
      const machine = machineOf(values)
      await cloud.machineCreated?.(machine)
      return {
        private_ip_address: machine.privateIp,
        public_ip_address: machine.publicIp,
        virtual_machine_id: createHash('md5').update(text(values['id'])).digest('hex'),
      }
    },
    async azurerm_network_security_rule(values) {
      await cloud.securityRuleChanged?.(toRule(values), true)
      return {}
    },
  }

  return {
    validate: faultsOf,
    forceNew: FORCE_NEW,
    async create(type, planned) {
      const values = { ...planned, id: idOf(type, planned) }
      return { ...values, ...(await becomesKnown[type]?.(values)) }
    },
    async update(type, planned, prior) {
      if (type === 'azurerm_linux_virtual_machine' && planned['user_data'] !== prior['user_data']) {
        await cloud.userDataChanged?.(machineOf(planned))
      }
      if (type === 'azurerm_network_security_rule') {
        await cloud.securityRuleChanged?.(toRule(planned), true)
      }
      return planned
    },
    async destroy(type, prior) {
      if (type === 'azurerm_linux_virtual_machine') {
        await cloud.machineDestroyed?.(text(prior['name']))
      }
      if (type === 'azurerm_network_security_rule') {
        await cloud.securityRuleChanged?.(toRule(prior), false)
      }
    },
    readData(_type, config) {
      const key = /AccountKey=([^;]+)/.exec(text(config['connection_string']))?.[1] ?? ''
      const query = `sv=2018-11-09&sr=c&st=${text(config['start'])}&se=${text(config['expiry'])}&sp=r&spr=https`
      const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(query)
      const sas = `?${query}&sig=${encodeURIComponent(signature.digest('base64'))}`
      return { ...config, id: createHash('sha256').update(sas).digest('hex'), sas }
    },
  }
}
