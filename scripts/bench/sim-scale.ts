import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#orchestrator/cli.ts'
import { type Figure, figure } from './figures/figure.ts'

/** What a run of the sim took. */
export interface SimCost {
  nodes: number
  /** Of all threads of this process. */
  cpuMs: number
  realMs: number
  /** Resident memory at the end above that of before, for each node. */
  bytesPerNode: number
}

/** A crowd that joins through one node, behind so many routers; 0: all stand on the internet. */
export function crowdScenario(nodes: number, routers: number): string {
  const homes = `, homes: { nat: port-forward, count: ${routers}, link: lan }`
  const site = routers === 0 ? 'net' : 'homes'
  return `name: crowd
title: ${nodes} nodes join through one
sites: { net: { nat: public }${routers === 0 ? '' : homes} }
nodes:
  seed: { site: net, env: { PUBLIC_IP: '{public}', MAX_CONNECTIONS: '1200' } }
  n: { site: ${site}, count: ${nodes - 1}, bootstrap: [seed], env: { PUBLIC_IP: '{public}' } }
steps:
  - expect: [{ observer: { every: n }, lists: seed, within: 5m }]
`
}

/** Twenty nodes that have met, and so much time; who restarts does so in turn. */
export function idleScenario(time: string, restarts: number): string {
  const restart = (index: number): string =>
    `  - { restart: n-${(index % 19) + 1} }\n  - { wait: ${time} }\n`
  const steps =
    restarts === 0
      ? `  - { wait: ${time} }\n`
      : Array.from({ length: restarts }, (_, index) => restart(index)).join('')
  return `${crowdScenario(20, 0)}${steps}`
}

/** Runs a scenario on the sim in this process. Needs `--expose-gc`. */
export async function costOf(text: string, nodes: number, signal: AbortSignal): Promise<SimCost> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-scale-'))
  await writeFile(join(folder.path, 'crowd.yaml'), text)
  const words = [
    'scenario',
    './crowd.yaml',
    '--fabric',
    'sim',
    '--report',
    'report',
    '--timeout',
    '86400',
  ]
  const before = residentAfterGc()
  let said = ''
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const status = await main(words, {
    stdout: () => {},
    stderr: (text) => (said += text),
    isTerminal: false,
    columns: 80,
    env: {},
    directory: folder.path,
    signal,
  })
  const { user, system } = process.cpuUsage(cpu)
  if (status !== 0) throw new Error(`expected the crowd to join, saw status ${status}: ${said}`)
  const bytesPerNode = (process.memoryUsage.rss() - before) / nodes
  return {
    nodes,
    cpuMs: (user + system) / 1000,
    realMs: performance.now() - startedAt,
    bytesPerNode,
  }
}

/** By which power of the number of nodes the cost grows: the slope of a line through the logarithms. */
export function growthOf(costs: readonly Pick<SimCost, 'nodes' | 'cpuMs'>[]): number {
  const points = costs.map(({ nodes, cpuMs }) => [Math.log(nodes), Math.log(cpuMs)] as const)
  const meanOf = (axis: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [meanX, meanY] = [meanOf(0), meanOf(1)]
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}

/**
 * What crowds cost on the sim by their size, with the power by which that grows, and how much faster than real time twenty nodes
 * run that have nothing to do, and that restart in turn.
 *
 * @param sizes - ascending; behind twenty routers from 1000 on
 */
export async function measureSimScale(
  sizes: readonly number[],
  signal: AbortSignal,
): Promise<Figure[]> {
  const costs: SimCost[] = []
  const figures: Figure[] = []
  // Each process loads what it needs once.
  await costOf(crowdScenario(2, 0), 2, signal)
  for (const nodes of sizes) {
    const cost = await costOf(crowdScenario(nodes, nodes >= 1000 ? 20 : 0), nodes, signal)
    costs.push(cost)
    const name = `sim: a crowd of ${nodes}`
    // 15 s for 200, 120 s for 1,000 on the way that n log n takes.
    const targetMs = (15_000 * nodes * Math.log(nodes)) / (200 * Math.log(200))
    figures.push(figure(`${name}: CPU time until all have joined`, 'ms', [cost.cpuMs], targetMs))
    figures.push(figure(`${name}: real time`, 'ms', [cost.realMs], targetMs))
    figures.push(
      figure(`${name}: memory of a node`, 'bytes', [cost.bytesPerNode], nodes >= 1000 ? 6e6 : 8e6),
    )
  }
  if (costs.length > 1)
    figures.push(figure('sim: power by which the cost grows', 'ratio', [growthOf(costs)], 1.2))
  const joined = await costOf(crowdScenario(20, 0), 20, signal)
  const hours = [
    { what: '20 idle nodes', scenario: idleScenario('1h', 0), target: 1 / 1000 },
    { what: '20 nodes, one restart in 10 min', scenario: idleScenario('10m', 6), target: 1 / 360 },
  ]
  for (const { what, scenario, target } of hours) {
    const { cpuMs } = await costOf(scenario, 20, signal)
    const share = Math.max(1, cpuMs - joined.cpuMs) / 3_600_000
    figures.push(figure(`sim: CPU time for a second of ${what}`, 'ratio', [share], target))
  }
  return figures
}

function residentAfterGc(): number {
  if (globalThis.gc === undefined) throw new Error('expected node --expose-gc')
  globalThis.gc()
  return process.memoryUsage.rss()
}
