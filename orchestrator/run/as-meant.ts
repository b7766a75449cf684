import type { Cell } from '#node/view/cell.ts'
import type { VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { isNegative } from '../words/expectations/expectations.ts'

/**
 * Marks the cells that are no findings though they are below the top rung: a failure that an expectation awaits and that came, and
 * a client by design. A pair of which any expectation did not hold is a finding.
 *
 * @param results of all expectations of the variant
 */
export function asMeant(
  cells: readonly Cell[],
  results: readonly ExpectationResult[],
  { nodes }: Pick<VariantPlan, 'nodes'>,
): Cell[] {
  const clients = new Set(
    nodes.filter(({ env }) => env['KAD_MODE'] === 'client').map(({ name }) => name),
  )
  return cells.map((cell) => {
    if (cell.cause === null) return cell
    const ofPair = results.filter(
      ({ observer, target }) => observer === cell.observer && target === cell.target,
    )
    if (ofPair.some(({ holds }) => !holds)) return cell
    if (ofPair.some(({ word }) => isNegative(word))) return { ...cell, meant: 'expected' }
    const isClient = cell.cause === 'CLIENT_MODE' && clients.has(cell.target)
    return isClient ? { ...cell, meant: 'set' } : cell
  })
}
