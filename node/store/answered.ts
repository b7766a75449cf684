import type { LookupResult } from '../kad/lookup.ts'
import { UnansweredError } from './errors.ts'

/** At least half, which has one in common with every majority. */
export function halfOf(contacts: number): number {
  return contacts - Math.floor(contacts / 2)
}

/**
 * Checks that a lookup which found nothing says that there is nothing.
 *
 * @param result null where its time was over
 * @param doubted why records that peers gave are not believed: to have one is not to have none
 * @throws UnansweredError where it says nothing of whether there is a record
 */
export function checkAnswered(
  key: string,
  result: LookupResult | null,
  doubted: readonly Error[] = [],
): void {
  const name = JSON.stringify(key)
  if (result === null) {
    throw new UnansweredError(`whether there is a value under ${name} was not answered in time`)
  }
  const { asked, silent } = result
  const answered = asked - silent.length - doubted.length
  if (answered >= halfOf(asked)) return
  const [cause] = doubted
  if (cause !== undefined) {
    throw new UnansweredError(
      `whether there is a value under ${name} is not known: of the ${asked} peers closest to it, ${doubted.length} gave ${cause.message}`,
      { cause },
    )
  }
  throw new UnansweredError(
    `expected an answer of ${halfOf(asked)} of the ${asked} peers closest to ${name}, ${answered} answered and have no value: ` +
      'the others may; try again, and ask discovery which of them can be dialled',
  )
}
