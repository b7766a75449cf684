import type { DialEvidence } from './causes.ts'
import { DIAL_ERROR_KINDS } from './dial-error.ts'
import { reachOf } from './multiaddr-facts.ts'
import type { Reach } from './multiaddr-facts.ts'

const REACHES: readonly Reach[] = ['public', 'private', 'loopback']

/** The failed dial that says most: of the address that leads furthest, by the most telling kind. */
export function mostTelling(dials: readonly DialEvidence[]): DialEvidence | null {
  for (const reach of REACHES) {
    const failed = dials.filter(({ ok, address }) => !ok && reachOf(address) === reach)
    const found = DIAL_ERROR_KINDS.flatMap((kind) =>
      failed.filter((dial) => (dial.kind ?? 'other') === kind),
    )
    if (found[0] !== undefined) return found[0]
  }
  return null
}
