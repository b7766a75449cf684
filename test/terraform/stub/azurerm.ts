import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createAddresses } from './addresses.ts'
import { changeMachine, refuseMachine, type Shortage } from './compute-refusals.ts'
import { readData } from './data.ts'
import { FORCE_NEW } from './force-new.ts'
import { firstBlock, groupId, idOf, text, texts } from './ids.ts'
import { Ledger } from './ledger.ts'
import { inlineSubnets, refuseNetwork, refuseNetworkDeletion } from './network-refusals.ts'
import { refusePlace } from './places.ts'
import type { Behaviour } from './provider.ts'
import { refuse } from './refusal.ts'
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
  /** What exists. A test that looks into it, or keeps it over several runs, brings its own. */
  ledger?: Ledger
  shortage?: Shortage
  /** Names a policy that forbids a resource; null allows it. */
  policy?: (type: string, values: Values) => string | null
  /** Tags that a policy puts on everything that has tags. */
  policyTags?: Readonly<Record<string, string>>
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
 * azurerm as far as the module uses it: a very small Azure that gives ids and addresses, holds blobs and signs URLs, and
 * refuses what Azure refuses. Public addresses are 20.50.0.10 and up, private ones the subnet's from .4 on, as Azure's.
 */
export function createAzure(options: AzureOptions): Behaviour {
  const cloud = options.cloud ?? {}
  const ledger = options.ledger ?? new Ledger()
  const endpoint =
    options.blobEndpoint ?? ((account: string) => `https://${account}.blob.core.windows.net/`)
  const addresses = createAddresses(ledger)
  let mayDeleteFullGroups = false

  const nicOf = (values: Values): Values =>
    ledger.get(texts(values['network_interface_ids'])[0] ?? '')?.values ?? {}

  const machineOf = (values: Values): VirtualMachine => {
    const address = firstBlock(nicOf(values), 'ip_configuration')['public_ip_address_id']
    return {
      name: text(values['name']),
      privateIp: text(nicOf(values)['private_ip_address']),
      publicIp: text(ledger.get(text(address))?.values['ip_address']) || null,
      customData: Buffer.from(text(values['custom_data']), 'base64').toString(),
      userData: text(values['user_data']),
    }
  }

  const becomesKnown: Readonly<Record<string, (values: Values) => Promise<Values> | Values>> = {
    azurerm_public_ip: () => ({ ip_address: addresses.nextPublic() }),
    azurerm_network_interface(values) {
      const address = addresses.nextPrivate(values)
      return { private_ip_address: address, private_ip_addresses: [address] }
    },
    azurerm_storage_account(values) {
      const name = text(values['name'])
      const key = createHash('sha512').update(text(values['id'])).digest('base64')
      return {
        primary_access_key: key,
        primary_blob_endpoint: endpoint(name),
        primary_connection_string: `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${key};EndpointSuffix=core.windows.net`,
      }
    },
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
      const disk = `${machine.name}_OsDisk_1`
      const diskId = idOf('azurerm_managed_disk', { ...values, name: disk })
      await cloud.machineCreated?.(machine)
      return {
        private_ip_address: machine.privateIp,
        public_ip_address: machine.publicIp,
        virtual_machine_id: createHash('md5').update(text(values['id'])).digest('hex'),
        os_managed_disk_id: diskId,
        os_disk: [{ ...firstBlock(values, 'os_disk'), name: disk, id: diskId }],
      }
    },
    async azurerm_network_security_rule(values) {
      await cloud.securityRuleChanged?.(toRule(values), true)
      return {}
    },
  }

  function refuseAnything(type: string, values: Values, prior?: Values): void {
    const policy = options.policy?.(type, values) ?? null
    if (policy !== null) {
      refuse(
        'RequestDisallowedByPolicy',
        `Resource '${text(values['name'])}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"${policy}"}}]'.`,
      )
    }
    refusePlace(type, values)
    const group = values['resource_group_name']
    if (typeof group === 'string' && ledger.get(groupId(group)) === undefined) {
      refuse('ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
    }
    const names = Object.keys((values['tags'] as object | null | undefined) ?? {})
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
      refuse('InvalidTagNames', `Tag names of ${text(values['name'])} differ in case alone.`)
    }
    refuseNetwork(ledger, type, values, prior)
  }

  function emptyGroup(name: string): void {
    const contents = ledger.contentsOf(name)
    if (contents.length > 0 && !mayDeleteFullGroups) {
      const ids = contents.map(({ values }) => text(values['id']))
      refuse(
        'ResourceGroupNotEmpty',
        `deleting Resource Group "${name}": the Resource Group still contains Resources: ${ids.join(', ')}`,
      )
    }
    for (const { type, values } of contents) ledger.delete(type, values['id'])
  }

  const withPolicyTags = (values: Values): Values =>
    options.policyTags === undefined || !('tags' in values)
      ? values
      : { ...values, tags: { ...(values['tags'] as object | null), ...options.policyTags } }

  return {
    validate: faultsOf,
    forceNew: FORCE_NEW,
    configure(config) {
      const group = firstBlock(firstBlock(config, 'features'), 'resource_group')
      mayDeleteFullGroups = group['prevent_deletion_if_contains_resources'] === false
    },
    read: (type, current) => ledger.adopt(type, current)?.values ?? null,
    async create(type, planned) {
      const values = { ...planned, id: idOf(type, planned) }
      if (ledger.has(type, values.id)) {
        refuse(
          'AlreadyExists',
          `A resource with the ID "${values.id}" already exists - to be managed via Terraform this resource needs to be imported into the State.`,
        )
      }
      refuseAnything(type, values)
      if (type === 'azurerm_linux_virtual_machine') refuseMachine(ledger, values, options.shortage)
      return withPolicyTags({ ...values, ...(await becomesKnown[type]?.(values)) })
    },
    async update(type, planned, prior) {
      refuseAnything(type, planned, prior)
      const entry = ledger.get(text(planned['id']))
      if (type === 'azurerm_linux_virtual_machine' && entry !== undefined) {
        changeMachine(entry, planned, options.shortage)
        if (planned['user_data'] !== prior['user_data']) {
          await cloud.userDataChanged?.(machineOf(planned))
        }
      }
      if (type === 'azurerm_network_security_rule') {
        await cloud.securityRuleChanged?.(toRule(planned), true)
      }
      return withPolicyTags(planned)
    },
    stored(type, values) {
      ledger.put(type, values)
      for (const subnet of inlineSubnets(type, values)) ledger.put('azurerm_subnet', subnet)
    },
    async destroy(type, prior) {
      refuseNetworkDeletion(ledger, type, prior)
      if (type === 'azurerm_resource_group') emptyGroup(text(prior['name']))
      if (type === 'azurerm_linux_virtual_machine') {
        await cloud.machineDestroyed?.(text(prior['name']))
      }
      if (type === 'azurerm_network_security_rule') {
        await cloud.securityRuleChanged?.(toRule(prior), false)
      }
      ledger.delete(type, prior['id'])
    },
    readData: (type, config) => readData(ledger, type, config),
  }
}
