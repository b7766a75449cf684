/** A pair by its names. */
export interface Pair {
  readonly observer: string
  readonly target: string
}

export function pairOf({ observer, target }: Pair): Pair {
  return { observer, target }
}

export function isPair(one: Pair, other: Pair): boolean {
  return one.observer === other.observer && one.target === other.target
}
