import { decode, encode, ExtData } from '@msgpack/msgpack'

/** One resource's attributes and blocks, as Terraform sends them. */
export type Values = Record<string, unknown>

/** What the wire calls DynamicValue: msgpack, or JSON where Terraform has only that. */
export interface DynamicValue {
  msgpack?: Uint8Array
  json?: Uint8Array
}

/** A value that is not known before apply: msgpack extension type 0. */
export const UNKNOWN = new ExtData(0, new Uint8Array([0]))

export function isUnknown(value: unknown): boolean {
  return value instanceof ExtData
}

export function toDynamic(value: unknown): DynamicValue {
  return { msgpack: encode(value) }
}

export function fromDynamic(value: DynamicValue | null | undefined): Values | null {
  if (value?.msgpack !== undefined && value.msgpack.length > 0) {
    return decode(value.msgpack) as Values | null
  }
  if (value?.json !== undefined && value.json.length > 0) {
    return JSON.parse(Buffer.from(value.json).toString()) as Values | null
  }
  return null
}

/** Equal as Terraform sees it, unknowns equal to nothing. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (isUnknown(one) || isUnknown(other)) return false
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
}
