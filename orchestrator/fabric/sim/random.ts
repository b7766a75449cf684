import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A seeded source of random numbers: the same seed, the same numbers. */
export interface Random {
  /** From 0 up to 1, 1 excluded. */
  fraction(): number
  /** A whole number, both ends included. */
  integer(from: number, to: number): number
}

/** Independent streams come from one seed by `purpose`, so that one part's draws do not shift another's. */
export function createRandom(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus((seed ^ hash(purpose)) | 0)
  return {
    fraction: () => uniformFloat64(generator),
    integer: (from, to) => uniformInt(generator, from, to),
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value
}
