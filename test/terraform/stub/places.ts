import { text, texts } from './ids.ts'
import { refuse } from './refusal.ts'
import type { Values } from './values.ts'

// A few regions, of their own accord: the module's list is held against this one, not taken from it.
const REGIONS = new Map<string, boolean>([
  ['westeurope', true],
  ['northeurope', true],
  ['eastus', true],
  ['eastus2', true],
  ['southeastasia', true],
  ['swedencentral', true],
  ['northcentralus', false],
  ['westus', false],
  ['ukwest', false],
])

/** Refuses a region that there is none of, and zones where the region has none. */
export function refusePlace(type: string, values: Values): void {
  const location = values['location'] === undefined ? null : text(values['location'])
  if (location === null) return
  const zoned = REGIONS.get(location)
  if (zoned === undefined) {
    const code =
      type === 'azurerm_resource_group'
        ? 'LocationNotAvailableForResourceGroup'
        : 'LocationNotAvailableForResourceType'
    refuse(code, `The provided location '${location}' is not available for ${type}.`)
  }
  const zones = [
    ...texts(values['zones']),
    ...(text(values['zone']) === '' ? [] : [text(values['zone'])]),
  ]
  if (zones.length > 0 && !zoned) {
    refuse('AvailabilityZoneNotSupported', `The location '${location}' has no availability zones.`)
  }
}

interface Range {
  first: number
  last: number
}

function toRange(cidr: string): Range {
  const [address = '', length = '32'] = cidr.split('/')
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  const first = Math.floor(number / size) * size
  return { first, last: first + size - 1 }
}

/** Does the outer range hold all of the inner one? */
export function holds(outer: string, inner: string): boolean {
  const [out, within] = [toRange(outer), toRange(inner)]
  return out.first <= within.first && within.last <= out.last
}

/** Have two ranges an address in common? */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [toRange(one), toRange(other)]
  return a.first <= b.last && b.first <= a.last
}
