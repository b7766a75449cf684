import { firstBlock, parentOf, text, texts } from './ids.ts'
import type { Entry, Ledger } from './ledger.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

/** Where a size is not to be had; a zone of null is a machine without one. */
export type Shortage = (size: string, location: string, zone: string | null) => boolean

// By Microsoft's lists. Ampere's sizes, which have a p: no Trusted Launch. Old families: no images of generation 2.
const AMPERE = /^Standard_(B\d+p\w*_v2|[DE]\d+(-\d+)?p\w*_v5)$/
const GENERATION_1 =
  /^Standard_(A\d+\w*|D\d+|D\d+_v[23]|E\d+(-\d+)?_v3|F\d+|G\d+|H\d+\w*|NC\d+r?|NV\d+)(_v2)?$/

const FORBIDDEN_NAMES =
  'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5'.split(
    ' ',
  )

const zoneOf = (values: Values): string | null => text(values['zone']) || null
const trusts = (values: Values): boolean =>
  values['secure_boot_enabled'] === true || values['vtpm_enabled'] === true

function refuseSize(values: Values, shortage: Shortage | undefined): void {
  const [size, location] = [text(values['size']), text(values['location'])]
  if (shortage?.(size, location, zoneOf(values)) === true) {
    const zone = zoneOf(values) === null ? '' : ` in zone ${zoneOf(values)}`
    refuse(
      'SkuNotAvailable',
      `The requested VM size '${size}' is not available in location '${location}'${zone}.`,
    )
  }
  if (GENERATION_1.test(size)) {
    refuse('BadRequest', `The selected VM size '${size}' cannot boot Hypervisor Generation '2'.`)
  }
  if (AMPERE.test(size) && trusts(values)) {
    refuse(
      'BadRequest',
      `The VM size '${size}' is not supported for creation of VMs with 'TrustedLaunch' security type.`,
    )
  }
  const isArm = /^Standard_[A-Z]+\d+(-\d+)?[a-z]*p/.test(size)
  const sku = text(firstBlock(values, 'source_image_reference')['sku'])
  if (isArm !== sku.endsWith('arm64')) {
    refuse(
      'BadRequest',
      `Cannot create a VM of size '${size}' because this VM size only supports a CPU Architecture of '${isArm ? 'Arm64' : 'x64'}', but the image has another.`,
    )
  }
}

/** Refuses a virtual machine that Azure would not make. */
export function refuseMachine(ledger: Ledger, values: Values, shortage?: Shortage): void {
  refuseSize(values, shortage)
  if (FORBIDDEN_NAMES.includes(text(values['admin_username']))) {
    refuse(
      'InvalidParameter',
      `The Admin Username specified is not allowed: ${text(values['admin_username'])}.`,
    )
  }
  const [nicId = ''] = texts(values['network_interface_ids'])
  const nic = ledger.get(nicId) ?? refuse('InvalidResourceReference', `NIC ${nicId} was not found.`)
  const subnet = text(firstBlock(nic.values, 'ip_configuration')['subnet_id'])
  if (text(ledger.get(parentOf(subnet) ?? '')?.values['location']) !== text(values['location'])) {
    refuse(
      'InvalidResourceReference',
      `${text(values['name'])} and its NIC stand in different regions.`,
    )
  }
  const owner = ledger
    .all('azurerm_linux_virtual_machine')
    .find(
      (vm) =>
        vm.values['id'] !== values['id'] &&
        texts(vm.values['network_interface_ids']).includes(nicId),
    )
  if (owner !== undefined) refuse('NicInUse', `${nicId} is used by ${text(owner.values['id'])}.`)
  const address = text(firstBlock(nic.values, 'ip_configuration')['public_ip_address_id'])
  const zones = texts(ledger.get(address)?.values['zones'])
  const zone = zoneOf(values)
  if (zone !== null && zones.length > 0 && !zones.includes(zone)) {
    refuse(
      'ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint',
      `Compute resource ${text(values['name'])} has a zone constraint ${zone} but the PublicIPAddress ${address} used by the compute resource via NetworkInterface or LoadBalancer has a different zone constraint ${zones.join(', ')}.`,
    )
  }
}

const diskSize = (values: Values): number => Number(firstBlock(values, 'os_disk')['disk_size_gb'])

/**
 * Changes a machine as azurerm does: another size, disk or host encryption stops it first, and a machine that Azure then
 * refuses to change stays as it is, stopped. One that was stopped before is changed and stays stopped.
 */
export function changeMachine(entry: Entry, values: Values, shortage?: Shortage): void {
  const { hardware, values: prior } = entry
  if (hardware === undefined) throw new Error('a machine has hardware')
  const stops =
    prior['size'] !== values['size'] ||
    diskSize(prior) !== diskSize(values) ||
    (prior['encryption_at_host_enabled'] ?? false) !==
      (values['encryption_at_host_enabled'] ?? false)
  if (!stops) return
  const wasRunning = hardware.running
  hardware.running = false
  if (diskSize(values) < diskSize(prior)) {
    refuse(
      'OperationNotAllowed',
      `Disk size of ${text(values['name'])} cannot be reduced from ${diskSize(prior)} GB to ${diskSize(values)} GB.`,
    )
  }
  if (prior['size'] !== values['size']) refuseSize(values, shortage)
  hardware.running = wasRunning
  if (wasRunning) hardware.restarts += 1
}
