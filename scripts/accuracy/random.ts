import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Draws from a seed: the same seed, the same draws. */
export interface Draw {
  /** A whole number, both ends included. */
  integer(from: number, to: number): number
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** One of the items, each as often as its weight says. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T
}

export function createDraw(seed: number): Draw {
  const generator = xoroshiro128plus(seed | 0)
  // The first numbers of neighbouring seeds are alike.
  for (let skipped = 0; skipped < 16; skipped++) generator.next()
  const integer = (from: number, to: number): number => uniformInt(generator, from, to)
  return {
    integer,
    percent: (chance) => integer(1, 100) <= chance,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    weighted(items) {
      let left = integer(
        1,
        items.reduce((sum, [weight]) => sum + weight, 0),
      )
      for (const [weight, item] of items) {
        left -= weight
        if (left <= 0) return item
      }
      throw new RangeError('expected at least one item with a weight above 0')
    },
  }
}
