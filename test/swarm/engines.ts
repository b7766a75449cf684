import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Fabric } from '#orchestrator/fabric/fabric.ts'
import { readEngines } from '#orchestrator/fabric/swarm/engines-file.ts'
import { createSwarmFabric } from '#orchestrator/fabric/swarm/swarm-fabric.ts'

const run = promisify(execFile)

/** The file of engines that the tests run on. The suite is left out where the variable is not set. */
export const ENGINES_FILE = process.env['SWARM_ENGINES'] ?? ''

export function testFabric(): Fabric {
  return createSwarmFabric({ enginesFile: ENGINES_FILE })
}

/** The engines by name, a manager first. */
export function engineNames(): Promise<string[]> {
  return readEngines(ENGINES_FILE)
}

/** Identities of what a process left at the engines. */
export async function leftBy(pid: number): Promise<string[]> {
  const left: string[] = []
  const names = await engineNames()
  const [first] = names
  for (const name of names) {
    // A worker forgets a network that the manager has removed when it gets to it.
    const networks = name === first ? [['network', 'ls']] : []
    for (const what of [['ps', '-a'], ['volume', 'ls'], ...networks]) {
      const filter = ['-q', '--filter', `label=kadlab.pid=${pid}`]
      const { stdout } = await run('docker', ['-H', name, ...what, ...filter])
      left.push(...stdout.split('\n').filter((line) => line !== ''))
    }
  }
  return left
}
