import type { StoredRecord } from '#node/store/records.ts'

/** A record without an envelope, as other implementations write it. */
export function plain(bytes: Uint8Array): StoredRecord {
  return { bytes, version: null, value: bytes }
}
