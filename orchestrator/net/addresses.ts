/** A parsed IPv4 network: 32-bit unsigned numbers. */
export interface Cidr {
  /** First address, the network's own. */
  base: number
  /** Bits of the prefix, 0 to 32. */
  prefix: number
}

const OCTET = /^(0|[1-9]\d{0,2})$/

/** An IPv4 address as a 32-bit unsigned number; null where `text` is none (`010.0.0.1` is none). */
export function parseAddress(text: string): number | null {
  const octets = text.split('.')
  if (octets.length !== 4) return null
  let address = 0
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return null
    address = address * 256 + Number(octet)
  }
  return address
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** An IPv4 network in CIDR notation; null where `text` is none, or has bits set outside its prefix. */
export function parseCidr(text: string): Cidr | null {
  const [address, prefix, ...rest] = text.split('/')
  const base = parseAddress(address ?? '')
  if (base === null || rest.length > 0 || prefix === undefined) return null
  if (!/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return null
  const cidr = { base, prefix: Number(prefix) }
  return base % sizeOf(cidr) === 0 ? cidr : null
}

/** An IPv4 network that is known to be one. @throws RangeError where `text` is none */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr === null)
    throw new RangeError(`expected an IPv4 network such as 10.1.0.0/24, saw ${text}`)
  return cidr
}

/** The network in which an address with a prefix lies (`10.1.0.5/24`: 10.1.0.0/24); null where `text` is none. */
export function networkOf(text: string): Cidr | null {
  const [address, prefix = '32'] = text.split('/')
  const parsed = parseAddress(address ?? '')
  if (parsed === null || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return null
  const size = sizeOf({ base: 0, prefix: Number(prefix) })
  return { base: Math.floor(parsed / size) * size, prefix: Number(prefix) }
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`
}

/** How many addresses a network has, its own and the broadcast address with them. */
export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix)
}

export function contains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + sizeOf(cidr)
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other.base) || contains(other, one.base)
}

/**
 * `wished` where it keeps away from `taken`, else the next network of its size that does, within `pool` and round it.
 * Null where the pool has none left.
 */
export function freeSubnet(wished: Cidr, taken: readonly Cidr[], pool: Cidr): Cidr | null {
  const size = sizeOf(wished)
  let base = wished.base
  let wrapped = false
  for (;;) {
    const candidate = { base, prefix: wished.prefix }
    const blocker = taken.find((other) => overlaps(candidate, other))
    if (blocker === undefined) return candidate
    // Past the blocker at once: a taken /8 would otherwise be walked in steps of a /24.
    base = Math.ceil((blocker.base + Math.max(sizeOf(blocker), 1)) / size) * size
    if (base + size > pool.base + sizeOf(pool)) {
      if (wrapped) return null
      wrapped = true
      base = pool.base
    }
    if (wrapped && base >= wished.base) return null
  }
}
