import { randomBytes } from 'node:crypto'
import { systemClock } from '#node/time/clock.ts'
import type { Fabric, Lab, LabOptions } from '#orchestrator/fabric/fabric.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { startNetnsLab } from './lab.ts'
import { examineMachine } from './machine.ts'
import { labPrograms } from './programs.ts'

/** Processes behind routers whose kernel translates addresses, in namespaces of this Linux machine. */
export function createNetnsFabric(): Fabric {
  return {
    name: 'netns',
    probe: examineMachine,
    // A lab's networks are its own: whatever addresses the machine has, they are not in there.
    takenSubnets: () => Promise.resolve([]),
    async start(plan: Plan, options: LabOptions): Promise<Lab> {
      const { signal, onEvent } = options
      signal?.throwIfAborted()
      const programs = labPrograms(plan, {
        onProgress: (text) => onEvent({ type: 'progress', text }),
        ...(signal === undefined ? {} : { signal }),
      })
      return startNetnsLab({ ...options, plan, id: randomBytes(4).toString('hex'), programs })
    },
    withClock: (_seed, body) => body(systemClock),
    // The kernel ends a lab with the process that started it.
    clean: () => Promise.resolve([]),
  }
}
