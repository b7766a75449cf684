/**
 * The smallest of some texts that are greater than another, in the order of their UTF-16 units. Keeps at most twice as
 * many as are wanted, and looks closer at few of the others.
 *
 * @param after '': all of them
 * @param matches false for texts that are left out; asked only of those that may be among the smallest
 */
export function smallestAfter(
  texts: Iterable<string>,
  { after, count, matches }: { after: string; count: number; matches: (text: string) => boolean },
): string[] {
  const kept: string[] = []
  let greatest: string | null = null
  for (const text of texts) {
    if (text <= after || (greatest !== null && text >= greatest) || !matches(text)) continue
    kept.push(text)
    if (kept.length < 2 * count) continue
    kept.sort(byUnits)
    kept.length = count
    greatest = kept.at(-1) ?? null
  }
  return kept.toSorted(byUnits).slice(0, count)
}

function byUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
