import {
  apiAddress,
  integer,
  tcpMultiaddrs,
  oneOf,
  type ApiAddress,
  type ValueSchema,
  yesNo as yesNoValue,
} from './values.ts'

/** What a value counts; null where it counts nothing. */
export type Unit =
  | 'ms'
  | 'copies'
  | 'peers'
  | 'connections'
  | 'records'
  | 'bytes'
  | 'writes'
  | 'requests'
  | null

/** One variable of the environment that means a `T`: how it is read, and its row in the docs' table. */
export interface Variable<T> {
  readonly schema: ValueSchema<T>
  /** The text that is read where the variable is absent or empty; null where it is then null. */
  readonly default: string | null
  /** What the default is where it is no fixed text. */
  readonly defaultNote?: string
  readonly allowed: string
  readonly unit: Unit
  readonly doc: string
  /** Its value is never printed. */
  readonly secret?: true
}

type OrNull<T, Default> = T | (Default extends null ? null : never)

interface Facts<Default> {
  /** Null: the value is null where the variable is absent or empty. */
  default: Default
  defaultNote?: string
  doc: string
}

/** Longest duration: a day, in milliseconds. */
const MAX_MS = 86_400_000
const MULTIADDRS = 'multiaddrs over TCP, separated by commas or white space'

/** A variable of any kind; the kinds below say more by themselves. */
export function variable<T, Default extends string | null>(
  schema: ValueSchema<T>,
  facts: Facts<Default> & { allowed: string; unit?: Unit; secret?: true },
): Variable<OrNull<T, Default>> {
  return { unit: null, ...facts, schema }
}

/** A whole number of something. */
export function count<Default extends number | null>({
  min,
  max,
  note,
  unit,
  ...facts
}: Facts<Default> & {
  min: number
  max: number
  unit: Unit
  note?: string
}): Variable<OrNull<number, Default>> {
  const allowed = `${min} to ${max}${note === undefined ? '' : `; ${note}`}`
  return { ...facts, schema: integer(min, max), default: asText(facts.default), allowed, unit }
}

/** A duration in milliseconds, a day at the most. The variable's name ends in `_MS`. */
export function durationMs<Default extends number | null>(
  facts: Facts<Default> & { min: number },
): Variable<OrNull<number, Default>> {
  return count({ ...facts, max: MAX_MS, unit: 'ms' })
}

/** One of a few words. */
export function choice<const T extends string, Default extends NoInfer<T> | null>(
  words: readonly T[],
  facts: Facts<Default>,
): Variable<OrNull<T, Default>> {
  return variable(oneOf(...words), { ...facts, allowed: words.join(', ') })
}

export function yesNo(facts: Facts<'yes' | 'no'>): Variable<boolean> {
  return variable(yesNoValue, { ...facts, allowed: 'yes, no' })
}

/** Multiaddrs over TCP; none by default. */
export function multiaddrs(facts: { note?: string; doc: string }): Variable<string[]> {
  const { note, doc } = facts
  const allowed = note === undefined ? MULTIADDRS : `${MULTIADDRS}; ${note}`
  return variable(tcpMultiaddrs, { default: '', allowed, doc })
}

/** Where something is served; nowhere by default. */
export function serverAddress(facts: {
  defaultNote: string
  doc: string
}): Variable<ApiAddress | null> {
  const allowed = 'the path of a unix socket, or host:port'
  return variable(apiAddress, { ...facts, default: null, allowed })
}

function asText(value: number | null): string | null {
  return value === null ? null : String(value)
}
