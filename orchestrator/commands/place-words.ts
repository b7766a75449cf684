/** A place that a word may have been typed for. */
export interface Place {
  /** Places of one key are filled in their order: a flag that was given twice. */
  key: string
  takes: (word: string) => boolean
}

/** What each word was typed for. */
export interface Placing {
  /** Null where none was typed; its word is null where it could be one of several. */
  operand: { word: string | null } | null
  /** The word of each place; null where it is missing, or could be one of several. */
  places: (string | null)[]
}

/**
 * Which word was typed for what, where options were taken away and their values left among the arguments: what is sure
 * is placed first, which may make something else sure.
 *
 * @param recognizes - whether a word is surely the command's operand; null where it takes none
 */
export function placeWords(
  words: readonly string[],
  places: readonly Place[],
  recognizes: ((word: string) => boolean) | null,
): Placing {
  const known = words.find((word) => recognizes?.(word) === true)
  const left = words.filter((word) => word !== known)
  const keys = [...new Set(places.map(({ key }) => key))]
  const placed = new Map<string, string[]>()

  const open = (): string[] => keys.filter((key) => !placed.has(key))
  const candidates = (key: string): string[] => {
    const takes = places.find((place) => place.key === key)?.takes
    return left.filter((word) => takes?.(word) === true)
  }
  const count = (key: string): number => places.filter((place) => place.key === key).length
  const isSure = (key: string): boolean => {
    const own = candidates(key)
    const rivals = open().filter((other) => other !== key && candidates(other).length <= own.length)
    return (
      own.length === count(key) &&
      rivals.every((other) => candidates(other).every((word) => !own.includes(word)))
    )
  }
  for (let key = open().find(isSure); key !== undefined; key = open().find(isSure)) {
    const found = candidates(key)
    placed.set(key, found)
    for (const word of found) left.splice(left.indexOf(word), 1)
  }

  const values = places.map(({ key }) => placed.get(key)?.shift() ?? null)
  if (known !== undefined) return { operand: { word: known }, places: values }
  const [only] = left
  if (recognizes === null || only === undefined) return { operand: null, places: values }
  return { operand: { word: left.length === 1 ? only : null }, places: values }
}
