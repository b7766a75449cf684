import { isUnknown, type Values } from './values.ts'

/** What is wrong with a value; null where nothing is. */
type Rule = (value: unknown) => string | null

const oneOf =
  (...allowed: string[]): Rule =>
  (value) =>
    allowed.includes(String(value)) ? null : `to be one of ${allowed.join(', ')}`

const between =
  (least: number, most: number): Rule =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most && Number.isInteger(value)
      ? null
      : `to be a whole number from ${least} to ${most}`

const matching =
  (pattern: RegExp, description: string): Rule =>
  (value) =>
    pattern.test(String(value)) ? null : `to be ${description}`

/** An ARM id whose last named part is `kind`, such as `networkInterfaces`. */
const idOf =
  (kind: string): Rule =>
  (value) =>
    new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+/${kind}/[^/]+$`).test(
      String(value),
    )
      ? null
      : `to be the id of one of the ${kind}`

const base64 =
  (mostBytes: number): Rule =>
  (value) => {
    const text = String(value)
    if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      return 'to be base64'
    }
    const bytes = Buffer.from(text, 'base64').length
    return bytes <= mostBytes ? null : `to have at most ${mostBytes} bytes, not ${bytes}`
  }

const each =
  (rule: Rule): Rule =>
  (value) => {
    for (const item of Array.isArray(value) ? value : [value]) {
      const fault = isUnknown(item) ? null : rule(item)
      if (fault !== null) return fault
    }
    return null
  }

const notEmpty = matching(/./, 'not empty')
const cidr = matching(/^[0-9.]+\/\d{1,2}$/, 'a CIDR')
const portRange = matching(/^(\*|\d{1,5}(-\d{1,5})?)$/, 'a port, a range of ports, or *')
const rfc3339 = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time in RFC 3339')
const zone = oneOf('1', '2', '3')
const resourceName = matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$/, 'a name')
const customDataBytes = 65_535

/**
 * What azurerm and tls check beyond their schemas, for what the module uses: by resource or data source, then by path
 * of attribute. Known from the provider's documentation.
 */
const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  azurerm_resource_group: {
    name: matching(/^[\w().-]{0,89}[\w()-]$/, 'a name of at most 90 characters'),
    location: notEmpty,
  },
  azurerm_virtual_network: { name: resourceName, address_space: each(cidr) },
  azurerm_subnet: { name: resourceName, address_prefixes: each(cidr) },
  azurerm_network_security_group: { name: resourceName },
  azurerm_network_security_rule: {
    name: resourceName,
    description: matching(/^.{0,140}$/, 'at most 140 characters long'),
    priority: between(100, 4096),
    direction: oneOf('Inbound', 'Outbound'),
    access: oneOf('Allow', 'Deny'),
    protocol: oneOf('*', 'Ah', 'Esp', 'Icmp', 'Tcp', 'Udp'),
    source_port_range: portRange,
    destination_port_range: portRange,
    destination_port_ranges: each(portRange),
  },
  azurerm_subnet_network_security_group_association: {
    subnet_id: idOf('subnets'),
    network_security_group_id: idOf('networkSecurityGroups'),
  },
  azurerm_public_ip: {
    name: resourceName,
    sku: oneOf('Basic', 'Standard', 'StandardV2'),
    allocation_method: oneOf('Static', 'Dynamic'),
    idle_timeout_in_minutes: between(4, 30),
    zones: each(zone),
  },
  azurerm_network_interface: {
    name: resourceName,
    'ip_configuration.subnet_id': idOf('subnets'),
    'ip_configuration.public_ip_address_id': idOf('publicIPAddresses'),
    'ip_configuration.private_ip_address_allocation': oneOf('Dynamic', 'Static'),
  },
  azurerm_linux_virtual_machine: {
    name: resourceName,
    computer_name: matching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/, 'a host name'),
    size: notEmpty,
    zone,
    custom_data: base64(customDataBytes),
    user_data: base64(customDataBytes),
    network_interface_ids: each(idOf('networkInterfaces')),
    'admin_ssh_key.public_key': matching(/^(ssh-rsa|ssh-ed25519) AAAA/, 'an SSH public key'),
    'os_disk.caching': oneOf('None', 'ReadOnly', 'ReadWrite'),
    'os_disk.storage_account_type': oneOf(
      'Standard_LRS',
      'StandardSSD_LRS',
      'StandardSSD_ZRS',
      'Premium_LRS',
      'Premium_ZRS',
    ),
    'os_disk.disk_size_gb': between(0, 4095),
    'identity.type': oneOf('SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned'),
  },
  azurerm_storage_account: {
    name: matching(/^[a-z0-9]{3,24}$/, '3 to 24 lower-case letters and digits'),
    account_tier: oneOf('Standard', 'Premium'),
    account_replication_type: oneOf('LRS', 'ZRS', 'GRS', 'RAGRS', 'GZRS', 'RAGZRS'),
    min_tls_version: oneOf('TLS1_0', 'TLS1_1', 'TLS1_2', 'TLS1_3'),
  },
  azurerm_storage_container: {
    name: matching(/^(\$root|[a-z0-9]([a-z0-9-]{1,61})[a-z0-9])$/, 'a container name'),
    storage_account_id: idOf('storageAccounts'),
    container_access_type: oneOf('blob', 'container', 'private'),
  },
  azurerm_storage_blob: {
    storage_container_id: idOf('containers'),
    type: oneOf('Append', 'Block', 'Page'),
  },
  azurerm_storage_account_blob_container_sas: { start: rfc3339, expiry: rfc3339 },
  tls_private_key: { algorithm: oneOf('RSA', 'ECDSA', 'ED25519') },
}

function valuesAt(values: unknown, path: readonly string[]): unknown[] {
  if (values === null || values === undefined || isUnknown(values)) return []
  const [name, ...rest] = path
  if (name === undefined) return [values]
  const holders = Array.isArray(values) ? values : [values]
  return holders.flatMap((holder: Values) =>
    isUnknown(holder) ? [] : valuesAt(holder[name], rest),
  )
}

/** Faults that the real provider would find in this configuration, as it words them or nearly so. */
export function faultsOf(type: string, config: Values): string[] {
  return Object.entries(RULES[type] ?? {}).flatMap(([path, rule]) =>
    valuesAt(config, path.split('.')).flatMap((value) => {
      const fault = rule(value)
      return fault === null ? [] : [`expected ${type}.${path} ${fault}, got ${show(value)}`]
    }),
  )
}

function show(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
