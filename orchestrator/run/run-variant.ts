import type { NodeEvent } from '#node/events/node-event.ts'
import type { Clock } from '#node/time/clock.ts'
import type { watchLateness } from '#node/time/lateness.ts'
import type { Cell } from '#node/view/cell.ts'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { withLabRemedies } from '#orchestrator/cure/lab-remedy.ts'
import type { Lab } from '#orchestrator/fabric/fabric.ts'
import { createInsight } from '#orchestrator/findings/insight.ts'
import type { Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult, RunEventBody } from '#orchestrator/run/events.ts'
import { idealTables } from '../truth/ideal-tables.ts'
import { stepWord } from '../words/steps/steps.ts'
import { type Ahead, NOTHING_AHEAD } from './ahead.ts'
import { asMeant } from './as-meant.ts'
import { createBlocks } from './blocks.ts'
import { collectCells, mayChange, untilQuiet } from './cells.ts'
import { createContacts } from './contacts.ts'
import { createCrew, type Crew } from './crew.ts'
import { createDoubts } from './doubts.ts'
import { createGround } from './ground.ts'
import { createLives } from './lives.ts'
import { startNodes } from './start-nodes.ts'
import { createStarvation } from './starvation.ts'
import { runStep } from './steps.ts'
import { createTables } from './table-health.ts'
import { createTableSampler } from './table-sampler.ts'
import { createTimingCollector } from './timings.ts'
import { createWatch } from './watch.ts'

export interface VariantComponents {
  lab: Lab
  /** The networks and routers of the lab. */
  plan: Plan
  clock: Clock
  /** Watches whether this process keeps time; left out in simulated time, which waits for the machine. */
  watchLateness?: typeof watchLateness | undefined
  emit: (event: RunEventBody) => void
  /** Sends the events of the lab's nodes to `listener`, until the returned function is called. */
  subscribe: (listener: (node: string, event: NodeEvent) => void) => () => void
}

export interface VariantOptions {
  signal: AbortSignal
  networkMs: number
  /** Leave the nodes up. */
  keep: boolean
  /** Nodes that are held ready. Default: none. */
  ahead?: Ahead
  /** Told once all nodes listen, or could not: from here on the lab has time for others. Default: nobody. */
  onStarted?: () => void
}

/**
 * Starts a variant's nodes, does its steps, judges, and stops the nodes again (not where they are kept).
 * Returns whether every expectation held, and how each pair stands at the end.
 */
export async function runVariant(
  variant: VariantPlan,
  { lab, plan, clock, watchLateness, emit, subscribe }: VariantComponents,
  options: VariantOptions,
): Promise<{ holds: boolean; cells: Cell[] }> {
  const { signal, networkMs, keep, ahead = NOTHING_AHEAD } = options
  const { name } = variant
  emit({ type: 'variant-start', variant: name, title: variant.title })
  const watch = createWatch()
  const starvation = createStarvation(clock)
  using _lateness = watchLateness?.((lateMs) => starvation.late(null, lateMs))
  const beganAt = clock.now()
  const timing = createTimingCollector(beganAt)
  await using cleanUp = new AsyncDisposableStack()
  const names = variant.nodes.map((node) => node.name)
  const blocks = createBlocks(names)
  const insight = createInsight(plan, variant, blocks)
  const ground = createGround(plan, variant, () => insight.changed(ground.plan, ground.variant))
  const peerIdOf = (node: string): string => ground.node(node).peerId
  const lives = createLives(peerIdOf)
  const contacts = createContacts(peerIdOf)
  const nameOf = (peerId: string): string => ground.nameOf(peerId)
  const doubts = createDoubts(names, nameOf)
  const tables = createTables(idealTables(insight.world), nameOf)
  const crew = cleanUp.use(
    createCrew(lab, ground, { insight, lives, contacts, doubts, tables, clock, ahead }),
  )
  /** Told at most once a second, and at the end of each step. */
  const sample = createTableSampler({
    crew,
    clock,
    emit: (health) => emit({ type: 'tables', variant: name, ...health }),
  })
  cleanUp.defer(
    subscribe((node, event) => {
      timing.onEvent(node, event, clock.now())
      insight.onEvent(node, event)
      lives.onEvent(node, event)
      contacts.onEvent(node, event)
      doubts.onEvent(node, event)
      tables.onEvent(node, event)
      if (event.event === 'late') starvation.late(node, event.lateMs)
      watch.notify(node, event.event)
      if (event.event === 'listed' || event.event === 'unlisted') sample.changed()
    }),
  )
  let holds = await startNodes(variant, { crew, insight, clock, emit }, { signal })
  timing.allListening(clock.now())
  options.onStarted?.()

  const results: ExpectationResult[] = []
  const onResult = (result: ExpectationResult): void => {
    results.push(result)
    emit({ type: 'expectation', variant: name, result })
  }
  for (const step of variant.steps) {
    emit({ type: 'step', variant: name, step })
    if (stepWord(step).changes) contacts.changed()
    const held = await runStep(
      step,
      { lab, crew, watch, blocks, doubts, ground, clock, starvation, beganAt },
      { signal, onResult },
    )
    holds &&= held
    sample.now()
  }
  const timings = timing.timings(networkMs)
  const collect = (): Promise<Cell[]> =>
    collectCells(crew.answering(), names, { nodes: crew, watch, clock }, { signal })
  let seen = await collect()
  if (results.every(({ target }) => target === null) && seen.some(mayChange)) {
    const text = `${name}: nothing is expected of any pair: waiting until nothing changes any more`
    emit({ type: 'progress', text, variant: name })
    await untilQuiet({ watch, clock }, { signal })
    seen = await collect()
  }
  const stopped = new Set(names).difference(new Set(crew.running()))
  const mended = withLabRemedies(patientOf(ground.plan, ground.variant), seen, stopped)
  const cells = asMeant(mended, results, variant)
  emit({ type: 'cells', variant: name, cells })
  const announced = await announcedBy(crew, { signal })
  if (!keep) {
    if (blocks.all.length > 0) await lab.block([], { signal })
    for (const { name, link } of ground.shaped()) await lab.shape(name, link, { signal })
    for (const router of ground.changed()) await lab.changeRouter(router, { signal })
  }
  if (keep) crew.release()
  else await crew.stopAll({ signal })
  emit({ type: 'variant-end', variant: name, holds, announced, timings })
  return { holds, cells }
}

/** What each node that answers announces of itself; null where it does not answer. */
async function announcedBy(
  crew: Crew,
  { signal }: { signal: AbortSignal },
): Promise<Record<string, string[] | null>> {
  const entries = await Promise.all(
    crew.answering().map(async (node): Promise<[string, string[] | null]> => {
      try {
        const { announced } = await crew.api(node).status({ signal })
        return [node, announced]
      } catch {
        signal.throwIfAborted()
        return [node, null]
      }
    }),
  )
  return Object.fromEntries(entries)
}
