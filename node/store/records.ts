import { InvalidKeyError, InvalidValueError } from './errors.ts'

/** The record namespace of the key-value store: on the DHT, key `x` is `/kv/x`. */
export const KV_NAMESPACE = 'kv'

/**
 * Longest key, in bytes of UTF-8. Long enough for a path or two hashes in hex; short enough that the datastore's file
 * backends, which make names of the base32 of it, and one log line can hold it.
 */
export const MAX_KEY_BYTES = 512

/**
 * Largest value in bytes. A peer of rust-libp2p closes the stream on any Kademlia message above 16 KiB
 * (`DEFAULT_MAX_PACKET_SIZE`), and an answer to GET_VALUE carries up to 20 closer peers with their addresses beside
 * the record: half of it is what reaches every implementation.
 */
export const MAX_VALUE_BYTES = 8 * 1024

const PREFIX = `/${KV_NAMESPACE}/`
const encoder = new TextEncoder()
// A key that is not UTF-8 is no key: fatal; a leading U+FEFF is part of it: ignoreBOM.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The record key on the DHT of a key of the store.
 *
 * @throws InvalidKeyError where the key is empty, longer than `MAX_KEY_BYTES` or has lone surrogates.
 */
export function recordKey(key: string): Uint8Array {
  return encoder.encode(PREFIX + checkedKey(key))
}

/** The key of the store that a record key stands for; null where it is of another namespace or not UTF-8. */
export function keyOfRecord(record: Uint8Array): string | null {
  try {
    const text = decoder.decode(record)
    return text.startsWith(PREFIX) ? checkedKey(text.slice(PREFIX.length)) : null
  } catch {
    return null
  }
}

/**
 * The key itself, where a store takes it.
 *
 * @throws InvalidKeyError as `recordKey`.
 */
export function checkedKey(key: string): string {
  // Two different texts with lone surrogates would both become U+FFFD on the wire.
  if (!key.isWellFormed()) {
    throw new InvalidKeyError('a key is Unicode text: this one has half a surrogate pair')
  }
  const bytes = encoder.encode(key).byteLength
  if (bytes === 0 || bytes > MAX_KEY_BYTES) {
    throw new InvalidKeyError(
      `a key has 1 to ${MAX_KEY_BYTES} bytes of UTF-8: this one has ${bytes}`,
    )
  }
  return key
}

/**
 * The value itself, where a store takes it. An empty value is a value.
 *
 * @throws InvalidValueError above `MAX_VALUE_BYTES`.
 */
export function checkedValue(value: Uint8Array): Uint8Array {
  if (value.byteLength > MAX_VALUE_BYTES) {
    throw new InvalidValueError(
      `a value has at most ${MAX_VALUE_BYTES} bytes: this one has ${value.byteLength}; ` +
        'store it in parts, or store where to find it',
    )
  }
  return value
}

/**
 * Validator of the namespace `kv` for kad-dht: what this node takes from others, and believes when it reads.
 *
 * Records are **plain**: the value and nothing else, so that peers of other implementations read and write them. That
 * means trust in every peer of the network: anyone can replace any value under any key, and nothing shows who wrote
 * it or when. Form and size are all that can be checked. Signed envelopes come in here: the value then is the
 * envelope, and this is where its signature is verified.
 */
export function validateKvRecord(record: Uint8Array, value: Uint8Array): void {
  if (keyOfRecord(record) === null) {
    throw new InvalidKeyError(`a record key is ${PREFIX} and 1 to ${MAX_KEY_BYTES} bytes of UTF-8`)
  }
  checkedValue(value)
}

/**
 * Selector of the namespace `kv` for kad-dht: the index of the greatest value, compared byte by byte.
 *
 * Plain records carry no time, so "newest" cannot be told; the greatest is the same choice for every implementation
 * that is asked, whatever order the records came in. With signed envelopes, this is where the newer one wins.
 */
export function selectKvRecord(_record: Uint8Array, values: Uint8Array[]): number {
  let best = 0
  for (const [index, value] of values.entries()) {
    if (Buffer.compare(value, values[best] ?? value) > 0) best = index
  }
  return best
}

/** `validators` for kad-dht. */
export const RECORD_VALIDATORS = {
  [KV_NAMESPACE]: async (record: Uint8Array, value: Uint8Array): Promise<void> => {
    validateKvRecord(record, value)
  },
}

/** `selectors` for kad-dht. */
export const RECORD_SELECTORS = { [KV_NAMESPACE]: selectKvRecord }
