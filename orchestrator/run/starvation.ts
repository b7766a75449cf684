import { KadlabError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'

/** Something was not seen in time, and the machine is a reason for it: nothing is said of the lab. */
export class MachineTooSlowError extends KadlabError {
  static override readonly name = 'MachineTooSlowError'

  /** @param unjudged what was missed, and who stood still */
  constructor(unjudged: readonly string[]) {
    super(
      `too slow a machine, not judged: ${unjudged.join('; ')}; run it on a machine that is idle, give it more time (within), or take ` +
        'the simulated network (--fabric sim), whose time waits for the machine',
    )
  }
}

/** From this share of the time on that an event loop stood still, what was missed is no finding. */
const TOO_SLOW_SHARE = 0.1

/** When the event loops of a run stood still: the orchestrator's own, and those of its nodes. */
export interface Starvation {
  /**
   * An event loop was late.
   *
   * @param node null for the orchestrator's own
   */
  late(node: string | null, lateMs: number): void
  /** How long one of these nodes, or the orchestrator, stood still since a moment of the clock; the one that did the longest. */
  since(sinceMs: number, nodes: readonly string[]): { who: string; lateMs: number }
  /** Who stood still for too much of the time since then for anything to be judged, in words; null where nobody did. */
  tooSlow(sinceMs: number, nodes: readonly string[]): string | null
}

/** What people read of the orchestrator's own event loop. */
const ORCHESTRATOR = 'the lab itself'

export function createStarvation(clock: Clock): Starvation {
  const stalls = new Map<string, { fromMs: number; toMs: number }[]>()

  function lateMs(who: string, sinceMs: number): number {
    const spans = stalls.get(who) ?? []
    return spans.reduce(
      (sum, { fromMs, toMs }) => sum + Math.max(0, toMs - Math.max(fromMs, sinceMs)),
      0,
    )
  }

  function since(sinceMs: number, nodes: readonly string[]): { who: string; lateMs: number } {
    const found = [ORCHESTRATOR, ...nodes].map((who) => ({ who, lateMs: lateMs(who, sinceMs) }))
    return found.reduce((worst, each) => (each.lateMs > worst.lateMs ? each : worst))
  }

  return {
    late(node, lateMs) {
      const who = node ?? ORCHESTRATOR
      const toMs = clock.now()
      stalls.set(who, [...(stalls.get(who) ?? []), { fromMs: toMs - lateMs, toMs }])
    },
    since,
    tooSlow(sinceMs, nodes) {
      const passedMs = clock.now() - sinceMs
      const { who, lateMs } = since(sinceMs, nodes)
      if (lateMs < passedMs * TOO_SLOW_SHARE || lateMs === 0) return null
      return `${who} stood still for ${seconds(lateMs)} of ${seconds(passedMs)}`
    },
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
