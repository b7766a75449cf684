// npm run bench [-- --runs N]: measures what kadlab promises of speed and memory, and prints JSON with the ratio of each
// figure to its target. Figures of one run are comparable with each other, and with nothing else: take the ratios.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { measureCommand } from './command.ts'
import { measureDocker } from './docker.ts'
import type { Figure } from './figure.ts'
import { measureSim } from './sim.ts'
import { watchStolen } from './stolen.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } })
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
  console.error(`--runs: expected a whole number from 1 to 100, saw ${values.runs}`)
  process.exit(2)
}
// Ctrl-C ends what is under way in order: nothing stays at the engine.
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interrupted.abort(new Error(`ended by ${name}`)))
}
const { signal } = interrupted
const loadBefore = os.loadavg()[0]
const stolen = watchStolen()
const figures: Figure[] = [
  ...(await measureSim()),
  ...(await measureCommand('sim', runs, 3000, signal)),
]
const engine = await createDockerFabric().probe({ signal })
if (engine.available) {
  figures.push(
    ...(await measureDocker(runs, signal)),
    ...(await measureCommand('docker', runs, 8000, signal)),
  )
}
const machine = {
  cpus: os.availableParallelism(),
  /** Over a minute, before and after: what else ran is in the figures too. */
  load: [loadBefore, os.loadavg()[0]],
  /** Share of the CPU time that the host gave to other machines meanwhile: times are that much too long. */
  stolen: stolen(),
  node: process.version,
  engine: engine.engine ?? `left out: ${engine.detail}`,
}
console.log(JSON.stringify({ schema: 'kadlab.bench/1', machine, figures }, null, 2))
process.exit(0)
