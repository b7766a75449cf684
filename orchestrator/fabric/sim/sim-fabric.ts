import { type Clock, systemClock } from '#node/time/clock.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { SimulatedTime } from '#orchestrator/time/simulated-time.ts'
import { timeline } from '#orchestrator/time/timeline.ts'
import type { Availability, Fabric, Lab, LabOptions } from '../fabric.ts'
import { startSimLab } from './lab.ts'
import { createRandom } from './random.ts'

export interface SimFabricOptions {
  /** What the simulated network goes by. Default: simulated time where that runs (`withClock`), else the system's. */
  clock?: Clock
}

/**
 * Labs inside this process: the very code of `node/` over a simulated IP network. Needs nothing but Node, opens no
 * socket, and so leaves nothing behind.
 */
export function createSimFabric({ clock }: SimFabricOptions = {}): Fabric {
  return {
    name: 'sim',
    probe: async (): Promise<Availability> => ({
      available: true,
      detail: 'simulated network in this process',
      engine: null,
    }),
    takenSubnets: async () => [],
    start: async (plan: Plan, options: LabOptions): Promise<Lab> =>
      startSimLab(plan, { ...options, clock: clock ?? timeline()?.clock ?? systemClock }),
    withClock: async <T>(seed: number, body: (clock: Clock) => Promise<T>): Promise<T> => {
      const random = createRandom(seed, 'simulated time')
      const time = new SimulatedTime({ random: () => random.fraction() })
      return time.run(() => body(time.clock))
    },
    clean: async () => [],
  }
}
