import { describeError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'
import { eitherSignal } from '#node/time/deadline.ts'
import { ProcessDiedError } from '#orchestrator/fabric/errors.ts'
import type { GrowingInsight } from '#orchestrator/findings/insight.ts'
import type { NodePlan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { RunEventBody } from '#orchestrator/run/events.ts'
import type { Crew } from './crew.ts'

export interface StartComponents {
  crew: Crew
  insight: GrowingInsight
  clock: Clock
  emit: (event: RunEventBody) => void
}

/**
 * Starts every node that no step starts: each as soon as those listen that it starts after. Resolves once all listen, or
 * could not: a node that refuses its settings is a result that does not hold, and the others run. Returns whether all
 * started.
 *
 * @throws what the first node failed with otherwise; the others are given up then
 */
export async function startNodes(
  variant: VariantPlan,
  { crew, insight, clock, emit }: StartComponents,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  const startedAt = clock.now()
  let allStarted = true
  const failed = new AbortController()
  const either = eitherSignal(signal, failed.signal)
  const nodes = variant.nodes.filter(({ autostart }) => autostart)
  const listening = new Map(nodes.map(({ name }) => [name, Promise.withResolvers<void>()]))

  async function start(node: NodePlan): Promise<void> {
    const started = await crew.start(node.name, { signal: either, ...whenListening(node) })
    const startMs = started.listeningAtMs - started.startedAtMs
    emit({ type: 'node-up', variant: variant.name, node, startMs })
  }

  function whenListening({ startsAfter }: NodePlan): { when?: Promise<void> } {
    if (startsAfter.length === 0) return {}
    const allListen = async (): Promise<void> => {
      for (const name of startsAfter) await listening.get(name)?.promise
    }
    return { when: allListen() }
  }

  function refused(node: NodePlan, error: unknown): void {
    allStarted = false
    const seen = describeError(error)
    insight.couldNotStart(node.name, seen)
    const subject = { word: 'start', observer: node.name, target: null, key: null, cause: null }
    const texts = { text: `${node.name} starts`, expected: 'listening', seen }
    const afterMs = Math.round(clock.now() - startedAt)
    const result = { ...subject, ...texts, holds: false, afterMs }
    emit({ type: 'expectation', variant: variant.name, result })
  }

  const outcomes = await Promise.allSettled(
    nodes.map(async (node) => {
      try {
        await start(node)
      } catch (error) {
        if (isRefusal(error)) return refused(node, error)
        failed.abort(error)
        throw error
      } finally {
        // Whoever waits for a node that failed sees the signal.
        listening.get(node.name)?.resolve()
      }
    }),
  )
  signal.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return allStarted
}

/** A node that refuses its settings or its address, in this process or as the last words of another. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'PeerStartError' || error.name === 'IdentityError') return true
  return error instanceof ProcessDiedError && /PeerStartError|cannot listen on/.test(error.message)
}
