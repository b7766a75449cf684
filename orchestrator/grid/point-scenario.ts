import type { GridPoint } from '#orchestrator/picture/grid.ts'
import { type Scenario, scenarioSchema } from '#orchestrator/scenario/schema.ts'

/** Two nodes, A and B, each behind a router of its own; B joins through A. */
export function pointScenario({ natA, natB, announce, mode }: GridPoint): Scenario {
  const env = announce === 'public' ? { PUBLIC_IP: '{public}' } : {}
  return scenarioSchema.parse({
    name: 'grid',
    title: 'A pair of nodes',
    sites: { a: { nat: natA }, b: { nat: natB } },
    nodes: {
      A: { site: 'a', env },
      B: { site: 'b', bootstrap: ['A'], env: { ...env, KAD_MODE: mode } },
    },
  })
}
