import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { VariantPlan } from '#orchestrator/plan/plan-type.ts'

/** Nodes of a variant that are held ready, and begin when it is their turn. */
export interface Ahead {
  /**
   * Lets a node begin once `when` resolves, or at once; resolves when it listens. Null where it is not held ready, or not any more: a
   * node that is started again is started as any other.
   */
  begin(node: string, when?: Promise<void>): Promise<LabNode> | null
}

export const NOTHING_AHEAD: Ahead = { begin: () => null }

/**
 * Makes the nodes ready with which a variant starts, where the lab can while others stand in their places. Whoever is never let begin
 * ends with the lab.
 */
export function startAhead(lab: Lab, variant: VariantPlan, { signal }: AbortOptions): Ahead {
  const { startAhead: start } = lab
  if (start === undefined) return NOTHING_AHEAD
  const held = new Map(
    variant.nodes
      .filter(({ autostart }) => autostart)
      .map((node) => {
        const turn = Promise.withResolvers<void>()
        const started = start(node, { when: turn.promise, signal })
        // Told to whoever lets it begin.
        started.catch(() => {})
        return [node.name, { turn, started }]
      }),
  )
  return {
    begin(name, when) {
      const known = held.get(name)
      if (known === undefined) return null
      held.delete(name)
      const { turn, started } = known
      if (when === undefined) turn.resolve()
      else when.then(turn.resolve, turn.reject)
      return started
    },
  }
}
