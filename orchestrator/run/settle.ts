import { describeError } from '#node/base/errors.ts'
import { CAUSES, type CauseMeaning } from '#node/judgement/causes.ts'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Cell } from '#node/view/cell.ts'
import type { Fabric, LabNode } from '#orchestrator/fabric/fabric.ts'
import { createInsight, type Insight } from '#orchestrator/findings/insight.ts'
import { withInsight } from '#orchestrator/findings/with-insight.ts'
import type { Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'

export interface SettleOptions {
  signal: AbortSignal
  clock: Clock
}

/** Joining, lookups after it, and dials that time out end within this. */
const SETTLE_MS = 40_000
/** A second look, where the first one found something that passes. */
const LOOK_AGAIN_MS = 15_000
const PASSES: ReadonlySet<CauseMeaning['passes']> = new Set(['soon', 'retried'])

/** Runs a plan's only variant on a fabric and returns its cells once nothing changes any more. */
export async function settledCells(
  fabric: Fabric,
  plan: Plan,
  variant: VariantPlan,
  { signal, clock }: SettleOptions,
): Promise<Cell[]> {
  const insight = createInsight(plan, variant)
  await using lab = await fabric.start(plan, {
    signal,
    onEvent(event) {
      if (event.type === 'node-event') insight.onEvent(event.node, event.event)
    },
  })
  const nodes: LabNode[] = []
  for (const node of variant.nodes) {
    try {
      nodes.push(await lab.startNode(node, { signal }))
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'PeerStartError') throw error
      insight.couldNotStart(node.name, describeError(error))
    }
  }
  const look = async (): Promise<Cell[]> => {
    const rows = nodes.map((node) => row(node, variant, insight, signal))
    return (await Promise.all(rows)).flat()
  }
  await delay(clock, SETTLE_MS, { signal })
  const cells = await look()
  if (!cells.some(({ cause }) => cause !== null && PASSES.has(CAUSES[cause].passes))) return cells
  await delay(clock, LOOK_AGAIN_MS, { signal })
  return await look()
}

async function row(
  node: LabNode,
  variant: VariantPlan,
  insight: Insight,
  signal: AbortSignal,
): Promise<Cell[]> {
  const others = variant.nodes.filter(({ name }) => name !== node.name)
  const targets = others.map(({ peerId }) => peerId)
  const sightings = await withInsight(node.api, node.name, insight).discovery({
    dialBack: true,
    targets,
    signal,
  })
  return others.flatMap((target): Cell[] => {
    const sighting = sightings.find(({ peerId }) => peerId === target.peerId)
    if (sighting === undefined) return []
    const { rung, connected, listed, dialable, cause, evidence, remedy } = sighting
    const pair = { observer: node.name, target: target.name }
    return [{ ...pair, rung, connected, listed, dialable, cause, evidence, remedy }]
  })
}
