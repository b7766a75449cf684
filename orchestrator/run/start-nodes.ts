import { eitherSignal } from '#node/time/deadline.ts'
import type { NodePlan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { RunEventBody } from '#orchestrator/run/events.ts'
import type { Crew } from './crew.ts'

/**
 * Starts every node that no step starts: each as soon as those listen that it starts after. Resolves once all listen.
 *
 * @throws what the first node failed with; the others are given up then
 */
export async function startNodes(
  variant: VariantPlan,
  crew: Crew,
  emit: (event: RunEventBody) => void,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const failed = new AbortController()
  const either = eitherSignal(signal, failed.signal)
  const nodes = variant.nodes.filter(({ autostart }) => autostart)
  const listening = new Map(nodes.map(({ name }) => [name, Promise.withResolvers<void>()]))

  async function start(node: NodePlan): Promise<void> {
    for (const name of node.startsAfter) await listening.get(name)?.promise
    either.throwIfAborted()
    const started = await crew.start(node.name, { signal: either })
    const startMs = started.listeningAtMs - started.startedAtMs
    emit({ type: 'node-up', variant: variant.name, node, startMs })
  }

  const outcomes = await Promise.allSettled(
    nodes.map(async (node) => {
      try {
        await start(node)
      } catch (error) {
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
}
