/** Small pieces of text beside those of node/view, without colours as well. */

/** `text`, cut where it is longer than `width`. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`
}

const NARROWEST = 60
const WIDEST = 120

/**
 * Characters that lines are laid out in. Longer ones are hard to read; in fewer no table stands, so that a narrower terminal
 * breaks lines by itself and nothing is cut.
 */
export function lineWidth(columns: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns))
}

/** Of more than so many nodes people are shown numbers, and no list of each. */
const LARGEST_LIST = 12

/** Whether there are so many that people are shown numbers. */
export function isCrowd({ length }: readonly unknown[]): boolean {
  return length > LARGEST_LIST
}

/** `A, B`, or `A … Z` where there are many. */
export function span(names: readonly string[]): string {
  return names.length <= SPANNED ? names.join(', ') : `${names[0]} … ${names.at(-1)}`
}

/** So many are each of them named. */
const SPANNED = 3
