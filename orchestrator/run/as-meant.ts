import type { Cause } from '#node/judgement/causes.ts'
import type { Cell } from '#node/view/cell.ts'
import type { VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { type PlannedExpectation, singleOnes } from '../words/expectation.ts'
import { isNegative } from '../words/expectations/expectations.ts'
import { mustAllHold } from '../words/group.ts'

/**
 * Marks the cells that are no findings though they are below the top rung: a failure that an expectation awaits and that came, what
 * a step blocks, and a client by design. A pair of which any expectation did not hold is a finding.
 *
 * @param awaited of all expectations of the variant
 */
export function asMeant(
  cells: readonly Cell[],
  awaited: readonly ExpectationResult[],
  { nodes, steps }: Pick<VariantPlan, 'nodes' | 'steps'>,
): Cell[] {
  const results = ofPairs(awaited, steps)
  const clients = new Set(
    nodes.filter(({ env }) => env['KAD_MODE'] === 'client').map(({ name }) => name),
  )
  return cells.map((cell) => {
    if (cell.cause === null) return cell
    if (BLOCKED.has(cell.cause)) return { ...cell, meant: 'set' }
    const ofPair = results.filter(
      ({ observer, target }) => observer === cell.observer && target === cell.target,
    )
    if (ofPair.some(({ holds }) => !holds)) return cell
    if (ofPair.some(({ word }) => isNegative(word))) return { ...cell, meant: 'expected' }
    const isClient = cell.cause === 'CLIENT_MODE' && clients.has(cell.target)
    return isClient ? { ...cell, meant: 'set' } : cell
  })
}

/** A scenario that blocks two nodes does so on purpose. */
const BLOCKED: ReadonlySet<string> = new Set<Cause>(['PATH_BLOCKED', 'ADDRESS_BLOCKED'])

type PairResult = Pick<ExpectationResult, 'word' | 'observer' | 'target' | 'holds'>

/** Results of single nodes: where all of a group must hold, what came of the group is said of each of its members. */
function ofPairs(
  results: readonly ExpectationResult[],
  steps: VariantPlan['steps'],
): readonly PairResult[] {
  const groups = steps
    .flatMap((step): readonly PlannedExpectation[] =>
      step.word === 'expect' ? step.expectations : [],
    )
    .filter((each) => each.members !== undefined && mustAllHold(each))
  if (groups.length === 0) return results
  return results.flatMap((result): PairResult[] => {
    const { word, observer, target, holds } = result
    const group = groups.find(
      (each) => each.word === word && each.observer === observer && each.target === target,
    )
    if (group === undefined) return [result]
    return singleOnes(group).map((one) => ({
      word,
      observer: one.observer,
      target: one.target ?? null,
      holds,
    }))
  })
}
