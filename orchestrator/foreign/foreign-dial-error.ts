import type { DialErrorKind } from '#node/judgement/causes.ts'

/**
 * rust-libp2p and go-libp2p give the operating system's and their own words; they have no codes in common.
 * From the most telling to the least: an error may hold several.
 */
const WORDS: readonly (readonly [DialErrorKind, RegExp])[] = [
  // rust: `Unexpected peer ID`, go: `peer id mismatch`
  ['wrong-peer-id', /unexpected peer id|peer id mismatch/i],
  ['own-address', /dial to self|local peer id|pointed to local/i],
  ['refused', /connection refused/i],
  ['no-route', /no route to host|network is unreachable|host is unreachable/i],
  ['timed-out', /timed? ?out|timeout|deadline exceeded/i],
  ['denied', /connection reset|broken pipe|denied|gater/i],
]

/**
 * Tells why a foreign peer's dial failed.
 *
 * @param error the peer's own words
 * @param ownPeerId the dialler: an address at which it answers itself is its own
 */
export function foreignDialErrorKind(error: string, ownPeerId: string | null): DialErrorKind {
  const kind = WORDS.find(([, words]) => words.test(error))?.[0] ?? 'other'
  return kind === 'wrong-peer-id' && ownPeerId !== null && answeredBy(error) === ownPeerId
    ? 'own-address'
    : kind
}

/** rust: `Unexpected peer ID <got> at`; go: `expected <wanted>, but remote key matches <got>`. */
function answeredBy(error: string): string | null {
  const match = /Unexpected peer ID (\w+)/.exec(error) ?? /remote key matches (\w+)/.exec(error)
  return match?.[1] ?? null
}
