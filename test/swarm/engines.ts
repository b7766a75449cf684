import type { Fabric } from '#orchestrator/fabric/fabric.ts'
import { readEngines } from '#orchestrator/fabric/swarm/engines-file.ts'
import { createSwarmFabric } from '#orchestrator/fabric/swarm/swarm-fabric.ts'

/** The file of engines that the tests run on. The suite is left out where the variable is not set. */
export const ENGINES_FILE = process.env['SWARM_ENGINES'] ?? ''

export function testFabric(): Fabric {
  return createSwarmFabric({ enginesFile: ENGINES_FILE })
}

/** The engines by name, a manager first. */
export function engineNames(): Promise<string[]> {
  return readEngines(ENGINES_FILE)
}
