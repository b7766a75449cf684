import * as fc from 'fast-check'

/** How often something is tried, and what is drawn. */
export interface FuzzOptions {
  readonly seed: number
  readonly runs: number
}

/** How often each outcome came: what is tried must lead to all of them. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(outcome: string): void {
    this.#counts.set(outcome, this.of(outcome) + 1)
  }

  of(outcome: string): number {
    return this.#counts.get(outcome) ?? 0
  }

  toString(): string {
    return [...this.#counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  }
}

/** As fast-check takes it. */
export function parametersOf({ seed, runs }: FuzzOptions): { seed: number; numRuns: number } {
  return { seed, numRuns: runs }
}

/** What is done to bytes. */
export type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bits: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number; readonly count: number }
  | { readonly kind: 'end'; readonly at: number }

const at = fc.nat(1000)

/** None, one or a few. */
export const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at, bits: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 9 }) }),
    fc.record({ kind: fc.constant('cut' as const), at, count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('end' as const), at }),
  ),
  { maxLength: 3 },
)

export function damaged(bytes: Uint8Array, how: readonly Damage[]): Uint8Array {
  let now = Buffer.from(bytes)
  for (const each of how) {
    const place = each.at % (now.byteLength + 1)
    const [before, after] = [now.subarray(0, place), now.subarray(place)]
    if (each.kind === 'end') now = Buffer.from(before)
    else if (each.kind === 'cut') now = Buffer.concat([before, after.subarray(each.count)])
    else if (each.kind === 'insert') now = Buffer.concat([before, each.bytes, after])
    else now[place] = (now[place] ?? 0) ^ each.bits
  }
  return Uint8Array.from(now)
}
