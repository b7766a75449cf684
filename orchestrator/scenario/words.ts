import { z } from 'zod'
import { parseAddress, parseCidr } from '#orchestrator/topology/addresses.ts'

/** Small values that scenario files are written in, each with what it turns into. */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 }
const UNIT_BPS: Record<string, number> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 }

/** `250ms`, `10s`, `2m`: milliseconds. */
export const duration = z
  .string('a time such as 250ms, 10s or 2m')
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, 'a time such as 250ms, 10s or 2m')
  .transform((text) => scaled(text, UNIT_MS))

/** `512kbit`, `20mbit`, `1gbit`: bits a second. */
export const rate = z
  .string('a rate such as 512kbit, 20mbit or 1gbit')
  .regex(/^\d+(\.\d+)?(kbit|mbit|gbit)$/, 'a rate such as 512kbit, 20mbit or 1gbit')
  .transform((text) => scaled(text, UNIT_BPS))

/** `0.5%`, `5%`: a share from 0 to 1. */
export const share = z
  .string('a share such as 0.5%')
  .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'a share from 0% to 100%')
  .transform((text) => Number(text.slice(0, -1)) / 100)

/** `tcp/3000`: a protocol and a port. */
export const port = z
  .string('a protocol and a port such as tcp/3000')
  .regex(/^(tcp|udp)\/\d{1,5}$/, 'a protocol and a port such as tcp/3000')
  .refine((text) => inPortRange(Number(text.slice(4))), 'a port from 1 to 65535')
  .transform((text) => ({
    protocol: text.startsWith('tcp') ? ('tcp' as const) : ('udp' as const),
    port: Number(text.slice(4)),
  }))

export const address = z
  .string('an IPv4 address such as 10.1.0.10')
  .refine((text) => parseAddress(text) !== null, 'an IPv4 address such as 10.1.0.10')

/** At least eight addresses: a gateway, the router's own, a node and a probe have room. */
export const subnet = z
  .string('an IPv4 network such as 10.1.0.0/24')
  .refine((text) => parseCidr(text) !== null, 'an IPv4 network such as 10.1.0.0/24')
  .refine((text) => {
    const prefix = parseCidr(text)?.prefix ?? 24
    return prefix >= 8 && prefix <= 29
  }, 'a network from /8 to /29')

/** A name of the scenario's own: letters, digits and dashes, a letter first (container names are made of it). */
export const name = z
  .string('a name')
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,31}$/,
    'a name of up to 32 letters, digits and dashes, a letter first',
  )

function inPortRange(port: number): boolean {
  return port >= 1 && port <= 65_535
}

function scaled(text: string, units: Record<string, number>): number {
  const number = Number.parseFloat(text)
  const unit = text.replace(/^[\d.]+/, '')
  return number * (units[unit] ?? Number.NaN)
}
