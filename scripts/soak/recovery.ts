import { delay } from '#node/time/delay.ts'
import { createRandom } from '#orchestrator/fabric/sim/random.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { Crowd, planCrowd } from './crowd.ts'

/** `lost`: one server never comes, which must be noticed. */
export type RecoveryCanary = 'none' | 'lost'

export interface RecoveryOptions {
  nodes: number
  canary?: RecoveryCanary
}

export interface RecoveryOutcome {
  readonly faults: number
  /** How long after the last fault everybody had listed every server; null where that is longer than allowed. */
  readonly healedMs: number | null
  /** Who did not list whom by then. */
  readonly missing: readonly string[]
}

/** Faults begin while everybody joins. */
const FAULTS_MS = 60_000
const LONGEST_PAUSE_MS = 8000
/** Once faults have ended, everybody who can be listed is listed within this. */
export const HEALED_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 1000

/** Lets a crowd join under faults, all drawn from a seed, and then looks how long it takes until everybody lists every server. */
export async function recoverySeed(
  seed: number,
  { nodes, canary = 'none' }: RecoveryOptions,
): Promise<RecoveryOutcome> {
  const fabric = createSimFabric()
  return fabric.withClock(seed, async (clock) => {
    const plan = planCrowd(nodes, seed)
    await using lab = await fabric.start(plan, { onEvent: () => {} })
    const random = createRandom(seed, 'recovery')
    const crowd = new Crowd(lab, plan, {
      clock,
      random,
      lost: canary === 'lost' ? 'server-2' : null,
    })
    await crowd.start()
    const faults = await crowd.suffer(FAULTS_MS, LONGEST_PAUSE_MS)
    await crowd.heal()
    const endedAt = clock.now()
    for (;;) {
      const missing = await crowd.missing()
      const tookMs = Math.round(clock.now() - endedAt)
      if (missing.length === 0) return { faults, healedMs: tookMs, missing }
      if (tookMs >= HEALED_WITHIN_MS) return { faults, healedMs: null, missing }
      await delay(clock, LOOK_EVERY_MS)
    }
  })
}
