// npm run bench [-- --runs N] [--scale [--sizes 50,100]]: measures what kadlab promises of speed and memory, and prints JSON with the ratio of each
// figure to its target. Figures of one run are comparable with each other, and with nothing else: take the ratios.
// npm run bench -- --kv [--peers 8,24] [--rounds N] [--programs kadlab,go-kv]: the store beside those of others, on
// loopback.
// npm run bench -- --attack all: how honest people fare beside attackers.
import os from 'node:os'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { readWords } from '../base/words.ts'
import { AttackWordsError, benchAttack } from './attack/attack.ts'
import { ATTACK_NAMES } from './attack/attacks.ts'
import { isInside, NoNamespaceError } from './attack/namespace.ts'
import { measureCommand } from './command.ts'
import { measureDocker } from './docker.ts'
import type { Figure } from './figures/figure.ts'
import { benchKv, KvWordsError } from './kv/kv.ts'
import { PROGRAM_NAMES } from './kv/programs.ts'
import { compareLabStarts, measureScale } from './netns.ts'
import { measureSimScale } from './sim-scale.ts'
import { measureSim } from './sim.ts'
import { watchStolen } from './stolen.ts'

const USAGE = `
Usage: npm run bench -- [--runs N] [--scale [--sizes 50,100,200,500,1000]]
       npm run bench -- --kv [--peers 8,24] [--rounds N] [--programs ${PROGRAM_NAMES.join(',')}]
       npm run bench -- --attack all    (or some of ${ATTACK_NAMES.join(', ')})

Measures what kadlab promises of speed and memory, or (--kv) its store beside those of other implementations, or
(--attack) how honest people fare beside attackers, and prints JSON with the ratio of each figure to its target. Take the
ratios: figures of two runs are not comparable. --scale measures nothing else but
crowds: on the sim by their size, and a lab of a hundred nodes in namespaces.
Exit status: 0 measured, 2 wrong use, 3 this machine cannot.
`

const { values } = readWords(USAGE, {
  options: {
    runs: { type: 'string', default: '5' },
    scale: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '50,100,200,500,1000' },
    kv: { type: 'boolean', default: false },
    attack: { type: 'string' },
    peers: { type: 'string', default: '8,24' },
    rounds: { type: 'string', default: '200' },
    programs: { type: 'string', default: PROGRAM_NAMES.join(',') },
  },
})
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
  console.error(`--runs: expected a whole number from 1 to 100, saw ${values.runs}`)
  process.exit(2)
}
const sizes = values.sizes.split(',').map(Number)
if (sizes.some((size) => !Number.isInteger(size) || size < 2 || size > 1000)) {
  console.error(`--sizes: expected whole numbers from 2 to 1000, saw ${values.sizes}`)
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
const result = await (values.kv
  ? kv()
  : values.attack === undefined
    ? values.scale
      ? scale()
      : everything()
    : attack(values.attack))
// In a namespace of its own it speaks to the one that made it.
if (values.attack !== undefined && isInside()) {
  console.log(JSON.stringify(result))
  process.exit(0)
}
const machine = {
  cpus: os.availableParallelism(),
  /** Over a minute, before and after: what else ran is in the figures too. */
  load: [loadBefore, os.loadavg()[0]],
  /** Share of the CPU time that the host gave to other machines meanwhile: times are that much too long. */
  stolen: stolen(),
  node: process.version,
}
console.log(JSON.stringify({ schema: 'kadlab.bench/1', machine, ...result }, null, 2))
process.exit(0)

async function kv(): Promise<object> {
  try {
    return await benchKv(values, signal)
  } catch (error) {
    if (!(error instanceof KvWordsError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}

async function attack(names: string): Promise<object> {
  try {
    return await benchAttack(names, signal)
  } catch (error) {
    if (!(error instanceof AttackWordsError || error instanceof NoNamespaceError)) throw error
    console.error(error.message)
    process.exit(error instanceof AttackWordsError ? 2 : 3)
  }
}

async function scale(): Promise<object> {
  const figures = await measureSimScale(sizes, signal)
  const namespaces = await createNetnsFabric().probe({ signal })
  if (namespaces.available) figures.push(...(await measureScale(signal)))
  return {
    namespaces: namespaces.available ? namespaces.detail : `left out: ${namespaces.detail}`,
    figures,
  }
}

async function everything(): Promise<object> {
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
  const namespaces = await createNetnsFabric().probe({ signal })
  if (namespaces.available) {
    if (engine.available) figures.push(...(await compareLabStarts(runs, signal)))
    figures.push(...(await measureCommand('netns', runs, 4000, signal)))
  }
  return {
    namespaces: namespaces.available ? namespaces.detail : `left out: ${namespaces.detail}`,
    engine: engine.engine ?? `left out: ${engine.detail}`,
    figures,
  }
}
