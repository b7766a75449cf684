import type { ItemLimits } from '../config/item-limits.ts'
import { keyOfRecord, recordKey } from './items.ts'
import type { LocalRecords } from './local-records.ts'
import type { KeyPage, ListOptions } from './outcomes.ts'

/** Keys of a page, where none are named. */
const USUAL_PAGE = 100
/** Most keys of a page: one of the largest keys, each byte escaped as JSON does it, is still a line that is read (4 MiB). */
export const LARGEST_PAGE = 500

/**
 * A page of the keys whose values this node itself holds, in the order of their UTF-8 bytes. Asks nobody else.
 *
 * @throws InvalidKeyError for an `after` that is no key
 */
export async function listKeys(
  { local, items }: { local: LocalRecords; items: ItemLimits },
  { after = '', limit = USUAL_PAGE, signal }: ListOptions = {},
): Promise<KeyPage> {
  signal?.throwIfAborted()
  const from = after === '' ? null : recordKey(after, items)
  // One more than is wanted tells whether there is more.
  const held = await local.list(from, limit + 1, (record) => keyOfRecord(record, items) !== null)
  signal?.throwIfAborted()
  const page = held.slice(0, limit)
  const found = await Promise.all(page.map(async ({ record }) => local.get(record)))
  signal?.throwIfAborted()
  const keys = page.flatMap(({ record }, index) => {
    const value = found[index]?.value ?? null
    const key = keyOfRecord(record, items) ?? ''
    return value === null ? [] : [{ key, valueBytes: value.byteLength }]
  })
  const last = page.at(-1)
  const more = held.length > limit && last !== undefined
  return { keys, next: more ? keyOfRecord(last.record, items) : null }
}
