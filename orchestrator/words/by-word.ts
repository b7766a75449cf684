/** A table of words by the word of each, from a module that exports them under names of their own. */
export type ByWord<All extends Readonly<Record<string, { word: string }>>> = {
  readonly [Name in keyof All as All[Name]['word']]: All[Name]
}

/** @throws RangeError where two say the same word */
export function byWord<All extends Readonly<Record<string, { word: string }>>>(
  all: All,
): ByWord<All> {
  const table = new Map<string, unknown>()
  for (const each of Object.values(all).toSorted((one, other) =>
    one.word < other.word ? -1 : 1,
  )) {
    if (table.has(each.word)) throw new RangeError(`there are two words '${each.word}'`)
    table.set(each.word, each)
  }
  return Object.fromEntries(table) as ByWord<All>
}

/** The word that a step or an expectation of a scenario file is written with: the one that is a key of it. */
export function wordIn<Entry extends { word: string }>(
  table: Readonly<Record<string, Entry>>,
  spec: object,
): Entry {
  const found = Object.values(table).find(({ word }) => word in spec)
  if (found === undefined) {
    throw new RangeError(
      `expected one of ${Object.keys(table).join(', ')} in ${Object.keys(spec).join(', ')}`,
    )
  }
  return found
}
