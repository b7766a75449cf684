import type { NodeConfig } from '../config/config.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import { InvalidKeyError, InvalidValueError } from './errors.ts'

/** The record namespace of the key-value store: on the DHT, key `x` is `/kv/x`. */
export const KV_NAMESPACE = 'kv'

/** Of every record key of the store. */
export const PREFIX = `/${KV_NAMESPACE}/`
const encoder = new TextEncoder()
// A key that is not UTF-8 is no key: fatal; a leading U+FEFF is part of it: ignoreBOM.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How large keys and values may be at a node of these settings. */
export function itemLimits(config: Pick<NodeConfig, 'maxKeyBytes' | 'maxValueBytes'>): ItemLimits {
  return { keyBytes: config.maxKeyBytes, valueBytes: config.maxValueBytes }
}

/**
 * The record key on the DHT of a key of the store.
 *
 * @throws InvalidKeyError where the key is empty, too long or has lone surrogates.
 */
export function recordKey(key: string, limits: ItemLimits): Uint8Array {
  return encoder.encode(PREFIX + checkedKey(key, limits))
}

/** The key of the store that a record key stands for; null where it is of another namespace, too long or not UTF-8. */
export function keyOfRecord(record: Uint8Array, limits: ItemLimits): string | null {
  try {
    const text = decoder.decode(record)
    return text.startsWith(PREFIX) ? checkedKey(text.slice(PREFIX.length), limits) : null
  } catch {
    return null
  }
}

/**
 * The key itself, where a store takes it.
 *
 * @throws InvalidKeyError as `recordKey`.
 */
export function checkedKey(key: string, { keyBytes }: ItemLimits): string {
  // Two different texts with lone surrogates would both become U+FFFD on the wire.
  if (!key.isWellFormed()) {
    throw new InvalidKeyError('a key is Unicode text: this one has half a surrogate pair')
  }
  const bytes = encoder.encode(key).byteLength
  if (bytes === 0 || bytes > keyBytes) {
    throw new InvalidKeyError(`a key has 1 to ${keyBytes} bytes of UTF-8: this one has ${bytes}`)
  }
  return key
}

/**
 * The value itself, where a store takes it. An empty value is a value.
 *
 * @throws InvalidValueError where it is too large.
 */
export function checkedValue(value: Uint8Array, limits: ItemLimits): Uint8Array {
  if (value.byteLength > limits.valueBytes) throw valueTooLarge(limits, String(value.byteLength))
  return value
}

/** @param seen how many bytes it has, as text */
export function valueTooLarge({ valueBytes }: ItemLimits, seen: string): InvalidValueError {
  return new InvalidValueError(
    `a value has at most ${valueBytes} bytes: this one has ${seen}; store it in parts, or store where to find it`,
  )
}
