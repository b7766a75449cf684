/** Names of `known` that `word` may be a slip of, the nearest first; at most three. */
export function nearestNames(word: string, known: readonly string[]): string[] {
  const wanted = word.toLowerCase()
  const allowed = Math.min(Math.max(2, Math.ceil(word.length / 3)), word.length - 1)
  return known
    .map((name) => ({ name, distance: closeness(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** `; did you mean 'x' or 'y'?`, or nothing where no name is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const names = nearestNames(word, known).map((name) => `'${name}'`)
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`
}

/** So many names are listed, where there are more. */
const LISTED = 12

/** `there are A, B and C`, not all of a crowd, and which of them may have been meant. */
export function thereAre(known: readonly string[], seen: string): string {
  const listed = known.slice(0, known.length > LISTED + 1 ? LISTED : known.length)
  const more = known.length - listed.length
  const verb = known.length === 1 ? 'is' : 'are'
  return `there ${verb} ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}${didYouMean(seen, known)}`
}

function closeness(wanted: string, name: string): number {
  if (wanted.length >= 3 && (name.includes(wanted) || wanted.includes(name))) return 1
  return editDistance(wanted, name)
}

/** Levenshtein's distance: characters to insert, delete or replace. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[other.length] ?? 0
}
