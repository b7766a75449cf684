/** A place that a word may have been typed for. */
export interface Place {
  /** Places of one key are filled in their order: a flag that was given twice. */
  key: string
  takes: (word: string) => boolean
}

export interface Operand {
  /** Whether a word is surely one. */
  recognizes: (word: string) => boolean
}

/** What each word was typed for. */
export interface Placing {
  /** Null where none was typed; its word is null where it could be one of several. */
  operand: { word: string | null } | null
  /** The word of each place; null where it is missing, or could be one of several. */
  places: (string | null)[]
}

/** More words than anyone types; the ways to place them would be too many. */
const MAX_WORDS = 8

/**
 * Which word was typed for what, where options were taken away and their values left among the arguments.
 *
 * Every way to place all words is tried. Those count in which the operand is a word that surely is one, else those that
 * leave the fewest places empty; only what all of them agree on is told.
 */
export function placeWords(
  words: readonly string[],
  places: readonly Place[],
  operand: Operand | null,
): Placing {
  const ways = words.length > MAX_WORDS ? [] : [...waysToPlace(words, places, operand !== null)]
  const best = bestOf(ways, operand)
  if (best.length === 0) {
    const known = words.find((word) => operand?.recognizes(word) === true) ?? null
    return { operand: operand && { word: known }, places: places.map(() => null) }
  }
  const typed = best.some((way) => way.operand !== null)
  return {
    operand: typed ? { word: agreed(best, (way) => way.operand) } : null,
    places: places.map((_, index) => agreed(best, (way) => way.places[index] ?? null)),
  }
}

interface Way {
  operand: string | null
  places: readonly (string | null)[]
}

function agreed(ways: readonly Way[], pick: (way: Way) => string | null): string | null {
  const words = new Set(ways.map(pick))
  const [word = null] = words
  return words.size === 1 ? word : null
}

function bestOf(ways: readonly Way[], operand: Operand | null): Way[] {
  const sure = ways.filter((way) => way.operand !== null && operand?.recognizes(way.operand))
  if (sure.length > 0) return sure
  const filled = (way: Way): number => way.places.filter((word) => word !== null).length
  const most = Math.max(...ways.map(filled))
  return ways.filter((way) => filled(way) === most)
}

function* waysToPlace(
  words: readonly string[],
  places: readonly Place[],
  hasOperand: boolean,
  way: Way = { operand: null, places: places.map(() => null) },
): Generator<Way> {
  const [word, ...rest] = words
  if (word === undefined) {
    yield way
    return
  }
  if (hasOperand && way.operand === null) {
    yield* waysToPlace(rest, places, hasOperand, { ...way, operand: word })
  }
  for (const [index, { key, takes }] of places.entries()) {
    const inOrder = places.every(
      (place, before) => place.key !== key || before >= index || way.places[before] !== null,
    )
    if (way.places[index] !== null || !inOrder || !takes(word)) continue
    yield* waysToPlace(rest, places, hasOperand, {
      ...way,
      places: way.places.with(index, word),
    })
  }
}
