import { CAUSES, type Cause } from '#node/judgement/causes.ts'
import { reaches } from '#node/judgement/ladder.ts'
import type { Fault } from './fault.ts'
import type { ExpectationSpec } from './schema.ts'

/** The word that names an expectation of one node about another. */
export type SightingVerb = 'connected' | 'lists' | 'not-lists' | 'dialable' | 'not-dialable'

/** What an expectation says of one node as another sees it. */
export interface Claim {
  observer: string
  verb: SightingVerb
  target: string
  cause: Cause | null
}

/** The claim of an expectation that one node has of another. */
export function claimOf(expectation: Exclude<ExpectationSpec, { node: string }>): Claim {
  const { observer } = expectation
  const cause = 'cause' in expectation ? (expectation.cause ?? null) : null
  if ('connected' in expectation) {
    return { observer, verb: 'connected', target: expectation.connected, cause }
  }
  if ('lists' in expectation) return { observer, verb: 'lists', target: expectation.lists, cause }
  if ('not-lists' in expectation) {
    return { observer, verb: 'not-lists', target: expectation['not-lists'], cause }
  }
  if ('dialable' in expectation) {
    return { observer, verb: 'dialable', target: expectation.dialable, cause }
  }
  return { observer, verb: 'not-dialable', target: expectation['not-dialable'], cause }
}

/** Expectations of one step must hold together: a fault for each that cannot hold beside one before it. */
export function contradictions(
  expectations: readonly ExpectationSpec[],
  path: Fault['path'],
): Fault[] {
  return expectations.flatMap((expectation, index): Fault[] => {
    const before = expectations.slice(0, index)
    const message =
      'node' in expectation
        ? otherValue(expectation, before)
        : otherSighting(claimOf(expectation), before)
    return message === null ? [] : [{ path: [...path, index], message }]
  })
}

/** A node finds one value under a key. */
function otherValue(
  expectation: Extract<ExpectationSpec, { node: string }>,
  before: readonly ExpectationSpec[],
): string | null {
  if (!('reads' in expectation)) return null
  const { node, reads, value } = expectation
  const rival = before.find(
    (other) =>
      'reads' in other && other.node === node && other.reads === reads && other.value !== value,
  )
  if (rival === undefined || !('reads' in rival)) return null
  return `impossible: ${node} reads ${reads} as '${value}' contradicts '${rival.value}' in the same step`
}

function otherSighting(claim: Claim, before: readonly ExpectationSpec[]): string | null {
  const rival = before
    .flatMap((other) => ('node' in other ? [] : [claimOf(other)]))
    .find(
      (other) =>
        other.observer === claim.observer &&
        other.target === claim.target &&
        (exclude(claim, other) || exclude(other, claim)),
    )
  if (rival === undefined) return null
  const [one, other] = [claim, rival].map(({ verb, cause }, index) => {
    const words = index === 0 ? `${claim.observer} ${verb} ${claim.target}` : verb
    return cause === null ? words : `${words} with cause ${cause}`
  })
  return `impossible: ${one} contradicts ${other} in the same step`
}

const OPPOSITES: readonly [SightingVerb, SightingVerb][] = [
  ['lists', 'not-lists'],
  ['dialable', 'not-dialable'],
  ['dialable', 'not-lists'],
]

/** Whether nobody can be both; asked for both orders. A target has one cause at a time, which tells its rung. */
function exclude(one: Claim, other: Claim): boolean {
  if (OPPOSITES.some(([yes, no]) => one.verb === yes && other.verb === no)) return true
  const { cause } = other
  if (cause === null) return false
  if (one.cause !== null && one.cause !== cause) return true
  const { rung } = CAUSES[cause]
  if (one.verb === 'connected') return rung === 'unknown'
  if (one.verb === 'lists') return !reaches(rung, 'listed')
  return one.verb === 'not-lists' && reaches(rung, 'listed')
}
