import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variables } from '../live.ts'
import { SOME_IMAGE } from '../rendered.ts'

/** A change that a user may make to a deployment that lives. */
export interface Change {
  /** The variable, or what else is changed: the row's first cell. */
  what: string
  /** From which value to which, in words; empty where `what` says it. */
  how: string
  /** The variables that differ, for three nodes in one region; null where there is no such change. */
  three: Variables | null
  /** The same for six nodes in three regions. */
  six: Variables | null
  /** Resources that `-replace` names. */
  replace?: readonly string[]
  /** Changes files of the clone, and gives back how to undo it. */
  edit?: (root: string) => Promise<void>
}

/** Three nodes in one region, packed from the clone. */
export const THREE: Variables = { os_disk_size_gb: 64 }

const REGIONS = ['westeurope', 'eastus', 'southeastasia']

/** Six nodes in three regions from a published image, with monitoring. */
export const SIX: Variables = {
  ...THREE,
  node_count: 6,
  locations: REGIONS,
  monitoring: true,
  image: SOME_IMAGE,
}

/** A size that the stub's Azure lacks, in all regions. */
export const LACKING = 'Standard_B4als_v2'
/** A resource group that stands there already. */
export const GIVEN_GROUP = 'somebody-elses'

const OTHER_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU me'

function both(what: string, how: string, variables: Variables): Change {
  return { what, how, three: variables, six: variables }
}

function replacing(address: string): Change {
  return { what: `-replace='${address}'`, how: '', three: {}, six: {}, replace: [address] }
}

/** Every variable, each changed in the ways that differ. */
export const CHANGES: readonly Change[] = [
  both('nothing', '', {}),
  { what: 'node_count', how: 'one more', three: { node_count: 4 }, six: { node_count: 7 } },
  { what: 'node_count', how: 'one less', three: { node_count: 2 }, six: { node_count: 5 } },
  {
    what: 'locations',
    how: 'a region more, at the end',
    three: { locations: ['westeurope', 'northeurope'] },
    six: { locations: [...REGIONS, 'northeurope'] },
  },
  {
    what: 'locations',
    how: 'a new first region',
    three: { locations: ['northeurope', 'westeurope'] },
    six: { locations: ['northeurope', ...REGIONS] },
  },
  {
    what: 'locations',
    how: 'the first two change places',
    three: null,
    six: { locations: ['eastus', 'westeurope', 'southeastasia'] },
  },
  {
    what: 'locations',
    how: 'the first one dropped',
    three: null,
    six: { locations: REGIONS.slice(1) },
  },
  {
    what: 'locations',
    how: 'another region in place of the first',
    three: { locations: ['northeurope'] },
    six: { locations: ['northeurope', ...REGIONS.slice(1)] },
  },
  both('locations', 'a misspelled region', { locations: ['westeurop'] }),
  both('more_regions', 'one more', { more_regions: ['atlantisnorth'] }),
  both('zones', '`["2"]`', { zones: ['2'] }),
  both('zones', '`[]`', { zones: [] }),
  both('address_space', 'another', { address_space: '10.30.0.0/16' }),
  {
    ...both('address_space', 'another, with `-replace=terraform_data.address_space`', {
      address_space: '10.30.0.0/16',
    }),
    replace: ['terraform_data.address_space'],
  },
  both('prefix', 'another', { prefix: 'other' }),
  both('resource_group_name', 'a group that exists', { resource_group_name: GIVEN_GROUP }),
  both('register_resource_providers', '`false`', { register_resource_providers: false }),
  both('prevent_deletion_if_contains_resources', '`false`', {
    prevent_deletion_if_contains_resources: false,
  }),
  both('subnets_with_security_group', '`true`', { subnets_with_security_group: true }),
  both('size', 'another of the same kind', { size: 'Standard_B2als_v2' }),
  both('size', 'one that Azure lacks', { size: LACKING }),
  both('size', 'ARM with Trusted Launch (Standard_D2pls_v6)', { size: 'Standard_D2pls_v6' }),
  both('size', 'ARM without (Standard_B2pts_v2)', { size: 'Standard_B2pts_v2' }),
  both('size', 'one of generation 1 (Standard_D2_v3)', { size: 'Standard_D2_v3' }),
  both('trusted_launch', '`false`', { trusted_launch: false }),
  both('os_disk_size_gb', 'larger', { os_disk_size_gb: 128 }),
  both('os_disk_size_gb', 'smaller', { os_disk_size_gb: 32 }),
  both('os_disk_type', 'another', { os_disk_type: 'Premium_LRS' }),
  both('encryption_at_host_enabled', '`true`', { encryption_at_host_enabled: true }),
  both('admin_username', 'another', { admin_username: 'operator' }),
  both('ssh_public_key', 'a key of your own', { ssh_public_key: OTHER_KEY }),
  both('ssh_source_cidrs', 'opened to one range', { ssh_source_cidrs: ['198.51.100.7/32'] }),
  both('tags', 'one more', { tags: { owner: 'somebody' } }),
  both('ignored_tags', 'one more', { ignored_tags: ['CostCenter'] }),
  both('expires_after_hours', 'another', { expires_after_hours: 24 }),
  {
    what: 'image',
    how: 'another',
    three: { image: SOME_IMAGE },
    six: { image: SOME_IMAGE.replaceAll('a'.repeat(64), 'b'.repeat(64)) },
  },
  both('base_image', 'another', { base_image: 'node:24-trixie-slim' }),
  both('pack_url_valid_hours', 'another', { pack_url_valid_hours: 24 }),
  both('identity', '`generated`', { identity: 'generated' }),
  both('log_level', 'another', { log_level: 'debug' }),
  both('kademlia', 'another', { kademlia: { bucket_size: 8 } }),
  both('environment', 'one more', { environment: { PUT_MIN_COPIES: '2' } }),
  both('dial_private_cidrs', 'one more', { dial_private_cidrs: ['10.30.0.0/16'] }),
  both('update_poll_seconds', 'another', { update_poll_seconds: 60 }),
  both('update_timeout_seconds', 'another', { update_timeout_seconds: 60 }),
  {
    what: 'monitoring',
    how: 'on, or off',
    three: { monitoring: true },
    six: { monitoring: false },
  },
  both('monitoring_size', 'another', { monitoring_size: 'Standard_B2as_v2' }),
  both('prometheus_image', 'another', { prometheus_image: 'prom/prometheus:v3.6.0' }),
  both('grafana_image', 'another', { grafana_image: 'grafana/grafana:12.2.0' }),
  {
    ...both('sources of the node', 'where `image = null`', {}),
    edit: (root) => appendFile(join(root, 'node/main.ts'), '\n// Revised.\n'),
  },
  {
    ...both('scripts and units of the VMs', '`files/`, `templates/`', {}),
    edit: (root) => appendFile(join(root, 'terraform/files/kadlab-rollout'), '\n# Revised.\n'),
  },
  replacing('module.nodes.azurerm_linux_virtual_machine.this["kadlab-01"]'),
  replacing('module.nodes.azurerm_public_ip.this["kadlab-01"]'),
  replacing('tls_private_key.node["kadlab-01"]'),
  replacing('tls_private_key.node["kadlab-00"]'),
  replacing('azurerm_network_security_group.nodes["westeurope"]'),
  replacing('terraform_data.pack_url_validity[0]'),
]
