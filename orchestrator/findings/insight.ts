import type { NodeEvent } from '#node/events/node-event.ts'
import type { DialEvidence } from '#node/judgement/causes.ts'
import type { Plan, VariantPlan } from '../plan/plan-type.ts'
import { type World, worldOf } from '../truth/dials.ts'

/** What a lab knows beyond the sight of its nodes: the plan, who could not start, and whom nobody answered for. */
export interface Insight {
  readonly world: World
  /** By node: why it could not start. */
  readonly unstarted: ReadonlyMap<string, string>
  /** Whether the scenario blocks something between two nodes. */
  isBlocked(one: string, other: string): boolean
  /** Dials of a node that failed and were not followed by a connection, the last one of each address. */
  failedDials(node: string): FailedDial[]
}

/** A dial that failed, and whom it was to reach: null where nobody in particular. */
export interface FailedDial {
  readonly wanted: string | null
  readonly dial: DialEvidence
}

/** An insight that grows with what happens. */
export interface GrowingInsight extends Insight {
  onEvent(node: string, event: NodeEvent): void
  /** The networks, or the nodes, are others now. */
  changed(plan: Pick<Plan, 'networks' | 'routers'>, variant: Pick<VariantPlan, 'nodes'>): void
  couldNotStart(node: string, error: string): void
  /** The node begins anew, and so does what was seen of it. */
  starts(node: string): void
}

export function createInsight(
  plan: Pick<Plan, 'networks' | 'routers'>,
  variant: Pick<VariantPlan, 'nodes'>,
  blocks: { between(one: string, other: string): boolean } = { between: () => false },
): GrowingInsight {
  const failed = new Map<string, Map<string, FailedDial>>()
  const unstarted = new Map<string, string>()
  let world = worldOf(plan, variant)
  return {
    get world() {
      return world
    },
    changed: (...now) => void (world = worldOf(...now)),
    unstarted,
    isBlocked: (one, other) => blocks.between(one, other),
    failedDials: (node) => [...(failed.get(node)?.values() ?? [])],
    onEvent(node, event) {
      if (event.event === 'connected' && event.direction === 'outbound') {
        failed.get(node)?.delete(event.address)
      }
      if (event.event !== 'dial-failed') return
      const { peer, address, kind, error } = event
      const dials = failed.get(node) ?? new Map<string, FailedDial>()
      const dial = { address, ok: false, kind, error }
      failed.set(node, dials.set(address, { wanted: peer, dial }))
    },
    couldNotStart: (node, error) => void unstarted.set(node, error),
    starts(node) {
      failed.delete(node)
      unstarted.delete(node)
    },
  }
}
