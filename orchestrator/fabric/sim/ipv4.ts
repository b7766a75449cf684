/** An IPv4 network. */
export interface Subnet {
  base: number
  mask: number
}

/** An address as a number. Throws `RangeError` for what is no dotted quad. */
export function parseAddress(address: string): number {
  const parts = address.split('.')
  let value = 0
  for (const part of parts) {
    const byte = /^\d{1,3}$/.test(part) ? Number(part) : 256
    if (byte > 255) throw new RangeError(`expected an IPv4 address, saw ${address}`)
    value = value * 256 + byte
  }
  if (parts.length !== 4) throw new RangeError(`expected an IPv4 address, saw ${address}`)
  return value
}

/** Throws `RangeError` for what is no CIDR. */
export function parseSubnet(cidr: string): Subnet {
  const [address, length] = cidr.split('/')
  const bits = length !== undefined && /^\d{1,2}$/.test(length) ? Number(length) : 33
  if (address === undefined || bits > 32) throw new RangeError(`expected a CIDR, saw ${cidr}`)
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
  return { base: (parseAddress(address) & mask) >>> 0, mask }
}

export function subnetHolds(subnet: Subnet, address: string): boolean {
  return (parseAddress(address) & subnet.mask) >>> 0 === subnet.base
}

/** 127.0.0.0/8. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.')
}

export const anyAddress = '0.0.0.0'
export const loopbackAddress = '127.0.0.1'
