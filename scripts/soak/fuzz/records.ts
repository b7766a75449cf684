import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { KadlabError } from '#node/base/errors.ts'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { openRecord, readRecord, type RecordRules, selectKvRecord } from '#node/store/records.ts'
import { type Forged, forgeries, Forger, NOW, whyWrong } from './forged.ts'
import { type FuzzOptions, parametersOf, Tally } from './fuzz.ts'

const CLOCK = { now: () => NOW, setTimeout: () => ({}), clearTimeout: () => {} }
const RULES: RecordRules = { items: ITEM_LIMITS, plain: false, clock: CLOCK }

/** Opens a record as the store does. */
export type Open = (record: Uint8Array, bytes: Uint8Array) => void

const openAsStore: Open = (record, bytes) => void openRecord(record, bytes, RULES)

/**
 * Records that are right, or wrong in any way: a right one is taken, a wrong one refused with a reason, and nothing else
 * happens.
 *
 * @param open what is tried. Default: the store's own
 */
export async function fuzzRecords(options: FuzzOptions, open = openAsStore): Promise<Tally> {
  const tally = new Tally()
  const forger = await Forger.create()
  const check = async (forged: Forged): Promise<void> => {
    const { record, bytes } = forged
    readRecord(bytes, RULES)
    selectKvRecord([bytes, bytes], RULES)
    try {
      open(record, bytes)
    } catch (error) {
      tally.add(assertRefusal(error))
      return
    }
    tally.add('taken')
    assert.equal(await whyWrong(forged), null, 'it was taken')
  }
  await fc.assert(
    fc.asyncProperty(forgeries, async (forgery) => {
      const forged = await forger.make(forgery)
      await check(forged)
      if (forgery.replaced.length > 0 || forgery.damage.length > 0) return
      const isWellFormed = Number(forgery.fields[1]) <= 0xffff_ffff && isLife(forgery.fields[2])
      if (!isWellFormed || (await whyWrong(forged)) !== null) return
      assert.doesNotThrow(() => open(forged.record, forged.bytes), 'a right one is taken')
    }),
    parametersOf(options),
  )
  return tally
}

/** Something that was refused on purpose, and says why. Returns the name of the error. */
export function assertRefusal(error: unknown): string {
  assert.ok(error instanceof KadlabError, `refused by accident: ${String(error)}`)
  assert.ok(error.message.length > 5 && error.message.length < 1000, error.message)
  return error.name
}

function isLife(lifeMs: unknown): boolean {
  return typeof lifeMs === 'number' && lifeMs >= 1000 && lifeMs <= 48 * 60 * 60 * 1000
}
