/**
 * The known variable that an unknown one was meant to be; null where it is somebody else's.
 *
 * The environment is full of foreign names, so only what can hardly be meant otherwise counts: other letter case, one
 * letter too many or too few, two letters swapped, and, in long names, one wrong letter. Names under our own prefix
 * `KAD_` are always ours.
 */
export function meantVariable(name: string, known: readonly string[]): string | null {
  if (known.includes(name) || COMMON_ELSEWHERE.has(name)) return null
  const upper = name.toUpperCase()
  const meant = known.find((candidate) => upper === candidate || isOneSlipAway(upper, candidate))
  if (meant !== undefined) return meant
  return upper.startsWith('KAD_') ? nearest(upper, known) : null
}

/** Names one slip away from ours that other programs read. */
const COMMON_ELSEWHERE: ReadonlySet<string> = new Set(['LOGLEVEL', 'LOG_FORMATS', 'DATADIR'])

const SHORTEST_NAME = 6
const SHORTEST_FOR_WRONG_LETTER = 9

function isOneSlipAway(name: string, known: string): boolean {
  if (known.length < SHORTEST_NAME) return false
  const start = commonPrefix(name, known)
  const restOfName = name.slice(start)
  const restOfKnown = known.slice(start)
  const dropped = restOfName === restOfKnown.slice(1)
  const added = restOfName.slice(1) === restOfKnown
  const swapped =
    restOfName.length >= 2 &&
    `${restOfName[1]}${restOfName[0]}${restOfName.slice(2)}` === restOfKnown
  const wrong =
    known.length >= SHORTEST_FOR_WRONG_LETTER && restOfName.slice(1) === restOfKnown.slice(1)
  return dropped || added || swapped || wrong
}

function commonPrefix(left: string, right: string): number {
  let length = 0
  while (length < left.length && left[length] === right[length]) length += 1
  return length
}

/** The known name that shares the longest beginning. */
function nearest(name: string, known: readonly string[]): string {
  return known.toSorted((a, b) => commonPrefix(name, b) - commonPrefix(name, a))[0] ?? ''
}
