import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { checkedKey, checkedValue } from '#node/api/store-face.ts'
import { LARGEST_ITEM } from '#node/config/item-limits.ts'
import { CAUSES, type Cause } from '#node/judgement/causes.ts'
import { peerIdOf } from '#node/judgement/multiaddr-facts.ts'
import { overlaps, parseAddress, parseCidr } from '#orchestrator/net/addresses.ts'
import { NO_HOSTS, NOT_PUBLIC } from '#orchestrator/net/reserved.ts'

/** Small values that scenario files are written in, each with what it turns into. Messages complete "expected ...". */

/** An object that has these keys and no others; its complaint of another key is the list of those allowed. */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const allowed = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? allowed : undefined),
  })
}

/** The keys of a table, for `z.enum`. */
export function keysOf<T extends string>(record: Record<T, unknown>): [T, ...T[]] {
  return Object.keys(record) as [T, ...T[]]
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** What timers take: 2^31 - 1 ms are a little more. */
const MAX_DURATION_MS = 24 * 86_400_000
const DURATION = /^\d+(\.\d+)?(ms|s|m|h|d)$/
/** More than any link of this planet and its satellites takes. */
const MAX_DELAY_MS = 10_000
const UNIT_BPS: Record<string, number> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 }

const durationText = z
  .string('a time such as 250ms, 10s or 2m')
  .regex(DURATION, 'a time such as 250ms, 10s or 2m')
  .refine(
    (text) => !DURATION.test(text) || scaled(text, UNIT_MS) <= MAX_DURATION_MS,
    'a time of at most 24d',
  )

/** `250ms`, `10s`, `2m`, `1h`, `1d`: milliseconds. */
export const duration = durationText.transform((text) => scaled(text, UNIT_MS))

/** What a packet may take on a link. */
export const delay = durationText
  .refine(
    (text) => !DURATION.test(text) || scaled(text, UNIT_MS) <= MAX_DELAY_MS,
    'a time of at most 10s',
  )
  .transform((text) => scaled(text, UNIT_MS))

/** `+1d`, `-90s`: milliseconds ahead of the right time, or behind it. */
export const clockError = z
  .string('a time ahead or behind such as +1d or -90s')
  .regex(/^[+-]\d+(\.\d+)?(ms|s|m|h|d)$/, 'a time ahead or behind such as +1d or -90s')
  .refine(
    (text) => !/^[+-]\d/.test(text) || Math.abs(scaled(text, UNIT_MS)) <= MAX_DURATION_MS,
    'at most 24d',
  )
  .transform((text) => scaled(text, UNIT_MS))

/** A duration that something can happen in. */
export const patience = durationText
  .refine((text) => !DURATION.test(text) || Number.parseFloat(text) > 0, 'a time longer than 0')
  .transform((text) => scaled(text, UNIT_MS))

/** A time as one writes it: `10m`, `90s`, `1500ms`. */
export function durationInWords(ms: number): string {
  const units = Object.entries(UNIT_MS).toSorted(([, one], [, other]) => other - one)
  const [unit, unitMs] = units.find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0) ?? ['ms', 1]
  return `${ms / unitMs}${unit}`
}

/** How long an expectation, a put or a provide may take where the scenario says nothing. */
export const DEFAULT_WITHIN_MS = 10_000

/** The longest wait of a step or an expectation. */
export const within = patience.describe('Longest wait. Default 10s.').optional()

/** When something must have come true. */
export const by = patience
  .describe('It must have come true so long after its variant began; in the place of within.')
  .optional()

/** How long a state must last once it has come true. */
export const stays = patience
  .describe(
    'How long it must last without a break once it has come true. Default: to the end of its step.',
  )
  .optional()

/** A cause of the ladder. */
export const cause = z
  .enum(keysOf<Cause>(CAUSES))
  .describe('The cause that the ladder must name.')
  .optional()

/** `512kbit`, `20mbit`, `1gbit`: bits a second. */
export const rate = z
  .string('a rate such as 512kbit, 20mbit or 1gbit')
  .regex(/^\d+(\.\d+)?(kbit|mbit|gbit)$/, 'a rate such as 512kbit, 20mbit or 1gbit')
  .refine((text) => Number.parseFloat(text) > 0, 'a rate above 0: nothing would cross the link')
  .transform((text) => scaled(text, UNIT_BPS))

/** `0.5%`, `5%`: a share from 0 to 1. */
export const share = z
  .string('a share such as 0.5%')
  .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'a share from 0% to 100%')
  .refine((text) => Number.parseFloat(text) < 100, 'less than 100%: nothing would cross the link')
  .transform((text) => Number(text.slice(0, -1)) / 100)

/** `95%`, `100%`: a share from 0 to 1, all of it too. */
export const wholeShare = z
  .string('a share such as 95%')
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

/** A port where no protocol is to be said. */
export const portNumber = z.int().min(1).max(65_535)

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
  .refine((text) => rangeAround(NO_HOSTS, text) === null, {
    error: ({ input }) =>
      `a network that hosts can have, outside ${rangeAround(NO_HOSTS, String(input))}`,
  })

/** A subnet that a node takes for a part of the internet. */
export const publicSubnet = subnet.refine((text) => rangeAround(NOT_PUBLIC, text) === null, {
  error: ({ input }) =>
    `a network of public addresses such as 11.0.0.0/24, outside ${rangeAround(NOT_PUBLIC, String(input))}, which is private or reserved`,
})

/** A key that some nodes take: which ones, `Scene.mustFit` knows. Longer in bytes than in characters where it is not ASCII. */
export const key = z
  .string()
  .min(1, 'a key that is not empty')
  .max(LARGEST_ITEM.keyBytes, {
    error: `a key of at most ${LARGEST_ITEM.keyBytes} bytes`,
    abort: true,
  })
  .refine(
    (text) => text === '' || isTaken(() => checkedKey(text, LARGEST_ITEM)),
    `a key of at most ${LARGEST_ITEM.keyBytes} bytes of UTF-8`,
  )

/** A value that some nodes take, likewise. */
export const value = z
  .string()
  .max(LARGEST_ITEM.valueBytes, {
    error: `a value of at most ${LARGEST_ITEM.valueBytes} bytes`,
    abort: true,
  })
  .refine(
    (text) => isTaken(() => checkedValue(new TextEncoder().encode(text), LARGEST_ITEM)),
    `a value of at most ${LARGEST_ITEM.valueBytes} bytes of UTF-8`,
  )

/** A name of the scenario's own: letters, digits and dashes, a letter first (container names are made of it). */
export const name = z
  .string('a name')
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,31}$/,
    'a name of up to 32 letters, digits and dashes, a letter first',
  )

/** Of some ranges the one that a network lies in, or over; null where there is none, or it is no network. */
function rangeAround(ranges: readonly string[], text: string): string | null {
  const cidr = parseCidr(text)
  if (cidr === null) return null
  return (
    ranges.find((range) => {
      const reserved = parseCidr(range)
      return reserved !== null && overlaps(reserved, cidr)
    }) ?? null
  )
}

function isTaken(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

function inPortRange(port: number): boolean {
  return port >= 1 && port <= 65_535
}

function scaled(text: string, units: Record<string, number>): number {
  const number = Number.parseFloat(text)
  const unit = text.replace(/^[+-]?[\d.]+/, '')
  return number * (units[unit] ?? Number.NaN)
}

const MULTIADDR = 'a multiaddr such as /ip4/11.0.0.12/tcp/3000, without /p2p/'

/** An address of a peer, as libp2p writes it, without the peer's id. */
export const multiaddress = z
  .string(MULTIADDR)
  .refine((text) => isMultiaddr(text) && peerIdOf(text) === null, MULTIADDR)

function isMultiaddr(text: string): boolean {
  try {
    return multiaddr(text).toString() === text
  } catch {
    return false
  }
}
