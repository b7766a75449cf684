import { blocks, firstBlock, idOf, parentOf, text, texts } from './ids.ts'
import type { Entry, Ledger } from './ledger.ts'
import { holds, overlap } from './places.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

const idIn = (values: Values): string => text(values['id'])
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

function need(ledger: Ledger, id: string, what: string): Entry {
  return (
    ledger.get(id) ?? refuse('InvalidResourceReference', `${what} ${id || '(none)'} was not found.`)
  )
}

function configurationsOf(nic: Entry): Values[] {
  return blocks(nic.values, 'ip_configuration')
}

/** The NICs that stand in a subnet, or in any subnet of a network. */
export function nicsIn(ledger: Ledger, id: string): Entry[] {
  return ledger
    .all('azurerm_network_interface')
    .filter((nic) =>
      configurationsOf(nic).some(({ subnet_id }) =>
        [text(subnet_id), parentOf(text(subnet_id)) ?? ''].some((held) => same(held, id)),
      ),
    )
}

function holderOf(ledger: Ledger, publicIp: string): Entry | undefined {
  return ledger
    .all('azurerm_network_interface')
    .find((nic) =>
      configurationsOf(nic).some((at) => same(text(at['public_ip_address_id']), publicIp)),
    )
}

function refuseSubnet(ledger: Ledger, values: Values): void {
  const network = need(ledger, parentOf(idIn(values)) ?? '', 'The virtual network')
  const [prefix = ''] = texts(values['address_prefixes'])
  if (!texts(network.values['address_space']).some((space) => holds(space, prefix))) {
    refuse(
      'NetcfgSubnetRangeOutsideVnet',
      `Subnet '${text(values['name'])}' is not valid because its IP address range ${prefix} is outside the IP address range of virtual network '${text(network.values['name'])}'.`,
    )
  }
  const others = ledger
    .all('azurerm_subnet')
    .filter(
      (other) =>
        parentOf(idIn(other.values)) === parentOf(idIn(values)) &&
        !same(idIn(other.values), idIn(values)),
    )
  const clash = others.find((other) =>
    texts(other.values['address_prefixes']).some((range) => overlap(range, prefix)),
  )
  if (clash !== undefined) {
    refuse(
      'NetcfgSubnetRangesOverlap',
      `Subnets '${text(values['name'])}' and '${text(clash.values['name'])}' overlap.`,
    )
  }
}

function refuseNic(ledger: Ledger, values: Values): void {
  for (const configuration of blocks(values, 'ip_configuration')) {
    const subnet = text(configuration['subnet_id'])
    need(ledger, subnet, 'The subnet')
    const network = need(ledger, parentOf(subnet) ?? '', 'The virtual network')
    if (text(network.values['location']) !== text(values['location'])) {
      refuse(
        'InvalidResourceReference',
        `The NIC ${text(values['name'])} and its virtual network stand in different regions.`,
      )
    }
    const address = text(configuration['public_ip_address_id'])
    if (address === '') continue
    const publicIp = need(ledger, address, 'The public IP address')
    if (text(publicIp.values['location']) !== text(values['location'])) {
      refuse(
        'InvalidResourceReference',
        `The NIC ${text(values['name'])} and its public IP address stand in different regions.`,
      )
    }
    const holder = holderOf(ledger, address)
    if (holder !== undefined && !same(idIn(holder.values), idIn(values))) {
      refuse('PublicIPAddressInUse', `${address} is already allocated to ${idIn(holder.values)}.`)
    }
  }
}

function sourcesOf(rule: Values): string[] {
  const many = texts(rule['source_address_prefixes'])
  return many.length > 0 ? many : [text(rule['source_address_prefix'])]
}

function refuseRule(ledger: Ledger, values: Values): void {
  need(ledger, parentOf(idIn(values)) ?? '', 'The network security group')
  const ranges = sourcesOf(values).filter((source) => source.includes('/'))
  if (ranges.some((range) => range.includes(':'))) {
    refuse(
      'SecurityRuleInvalidAddressPrefix',
      `Rule ${text(values['name'])} has an IPv6 prefix, and the NIC has no IPv6 address.`,
    )
  }
  for (const [index, range] of ranges.entries()) {
    const clash = ranges.slice(index + 1).find((other) => overlap(range, other))
    if (clash !== undefined) {
      refuse(
        'SecurityRuleParameterContainsOverlappingPrefixes',
        `Rule ${text(values['name'])} has prefixes that overlap: ${range}, ${clash}.`,
      )
    }
  }
  const rival = ledger
    .all('azurerm_network_security_rule')
    .find(
      (rule) =>
        parentOf(idIn(rule.values)) === parentOf(idIn(values)) &&
        rule.values['priority'] === values['priority'] &&
        !same(idIn(rule.values), idIn(values)),
    )
  if (rival !== undefined) {
    refuse(
      'SecurityRuleConflict',
      `Rules ${text(values['name'])} and ${text(rival.values['name'])} have the same priority.`,
    )
  }
}

/** The subnets that are given together with their network, as if each stood alone. */
export function inlineSubnets(type: string, network: Values): Values[] {
  if (type !== 'azurerm_virtual_network') return []
  return blocks(network, 'subnet').map((subnet) => {
    const { resource_group_name, name } = network
    const standing = { ...subnet, resource_group_name, virtual_network_name: name }
    return { ...standing, id: idOf('azurerm_subnet', standing) }
  })
}

const networkOf = (nic: Values): string =>
  parentOf(text(firstBlock(nic, 'ip_configuration')['subnet_id'])) ?? ''

/** Refuses what the network of Azure refuses when something is made or changed. */
export function refuseNetwork(ledger: Ledger, type: string, values: Values, prior?: Values): void {
  if (type === 'azurerm_subnet') {
    const moved =
      texts(prior?.['address_prefixes']).join() !== texts(values['address_prefixes']).join()
    if (prior !== undefined && moved && nicsIn(ledger, idIn(values)).length > 0) {
      refuse(
        'InUsePrefixCannotBeDeleted',
        `IP prefix of subnet ${text(values['name'])} is in use and cannot be changed.`,
      )
    }
    refuseSubnet(ledger, values)
  }
  if (type === 'azurerm_virtual_network' && prior !== undefined) {
    const staying = inlineSubnets(type, values).map(idIn)
    for (const subnet of inlineSubnets(type, prior)) {
      if (!staying.includes(idIn(subnet))) refuseNetworkDeletion(ledger, 'azurerm_subnet', subnet)
    }
    for (const subnet of ledger.all('azurerm_subnet')) {
      if (parentOf(idIn(subnet.values)) !== idIn(values)) continue
      const [prefix = ''] = texts(subnet.values['address_prefixes'])
      if (!texts(values['address_space']).some((space) => holds(space, prefix))) {
        refuse(
          'InUsePrefixCannotBeDeleted',
          `Subnet ${text(subnet.values['name'])} with ${prefix} is outside of the new address space.`,
        )
      }
    }
  }
  if (type === 'azurerm_network_interface') {
    if (prior !== undefined && networkOf(prior) !== networkOf(values)) {
      refuse(
        'NetworkInterfaceCannotChangeVirtualNetwork',
        `NIC ${text(values['name'])} cannot move to another virtual network.`,
      )
    }
    refuseNic(ledger, values)
  }
  if (type === 'azurerm_network_security_rule') refuseRule(ledger, values)
  if (type === 'azurerm_subnet_network_security_group_association') {
    need(ledger, text(values['subnet_id']), 'The subnet')
    need(ledger, text(values['network_security_group_id']), 'The network security group')
  }
}

/** Refuses to delete what something else holds. */
export function refuseNetworkDeletion(ledger: Ledger, type: string, values: Values): void {
  const id = idIn(values)
  if (type === 'azurerm_public_ip') {
    const holder = holderOf(ledger, id)
    if (holder !== undefined) {
      refuse(
        'PublicIPAddressCannotBeDeleted',
        `Public IP address ${id} can not be deleted since it is still allocated to resource ${idIn(holder.values)}.`,
      )
    }
  }
  if (type === 'azurerm_network_interface') {
    const machine = ledger
      .all('azurerm_linux_virtual_machine')
      .find((vm) => texts(vm.values['network_interface_ids']).some((nic) => same(nic, id)))
    if (machine !== undefined) {
      refuse(
        'NicInUse',
        `Network interface ${id} is used by existing resource ${idIn(machine.values)}.`,
      )
    }
  }
  if (type === 'azurerm_subnet' || type === 'azurerm_virtual_network') {
    const [nic] = nicsIn(ledger, id)
    if (nic !== undefined) {
      refuse(
        'InUseSubnetCannotBeDeleted',
        `Subnet ${text(values['name'])} is in use by ${idIn(nic.values)} and cannot be deleted.`,
      )
    }
  }
  if (type === 'azurerm_network_security_group') {
    const used = ledger
      .all('azurerm_subnet_network_security_group_association')
      .find((association) => same(text(association.values['network_security_group_id']), id))
    if (used !== undefined) {
      refuse(
        'InUseNetworkSecurityGroupCannotBeDeleted',
        `Network security group ${id} cannot be deleted because it is in use by ${text(used.values['subnet_id'])}.`,
      )
    }
  }
}
