import { type Clock, systemClock } from '#node/time/clock.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { Availability, Fabric, Lab, LabOptions } from '../fabric.ts'
import { startSimLab } from './lab.ts'

export interface SimFabricOptions {
  /** What the simulated network goes by. Default: the system's, in real time. */
  clock?: Clock
}

/**
 * Labs inside this process: the very code of `node/` over a simulated IP network. Needs nothing but Node, opens no
 * socket, and so leaves nothing behind.
 */
export function createSimFabric({ clock = systemClock }: SimFabricOptions = {}): Fabric {
  return {
    name: 'sim',
    probe: async (): Promise<Availability> => ({
      available: true,
      detail: 'simulated network in this process',
      engine: null,
    }),
    takenSubnets: async () => [],
    start: async (plan: Plan, options: LabOptions): Promise<Lab> =>
      startSimLab(plan, { ...options, clock }),
    clean: async () => [],
  }
}
