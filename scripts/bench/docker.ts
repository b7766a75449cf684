import { setTimeout } from 'node:timers/promises'
import { removeLab } from '#orchestrator/fabric/docker/clean.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine, type Engine } from '#orchestrator/fabric/docker/engine.ts'
import { LABEL, labFilter } from '#orchestrator/fabric/docker/labels.ts'
import type { Fabric } from '#orchestrator/fabric/fabric.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { type BareImages, startBareLab } from './bare-lab.ts'
import { medianCallMs } from './calls.ts'
import { type Figure, figure } from './figures/figure.ts'
import { planOfTwo, startNodes } from './plan.ts'

/** A node that started so long ago has joined, listed, and collected what its start left. */
const SETTLED_MS = 2500

/** What one lab took, and its nodes. */
interface LabCost {
  startMs: number
  upMs: number[]
  residentBytes: number[]
  callMs: number[]
  images: BareImages
}

/** A lab's start against the bare engine, and what its nodes cost. */
export async function measureDocker(runs: number, signal: AbortSignal): Promise<Figure[]> {
  const fabric = createDockerFabric()
  const engine = await connectEngine({ env: process.env, signal })
  const labs: LabCost[] = []
  const ratios: number[] = []
  for (let count = 0; count <= runs; count += 1) {
    const plan = await planOfTwo(await fabric.takenSubnets({ signal }))
    const lab = await measureLab(fabric, engine, plan, signal)
    const bareMs = await measureBare(engine, plan, lab.images, signal)
    // The first pair warms the engine.
    if (count === 0) continue
    labs.push(lab)
    ratios.push(lab.startMs / bareMs)
  }
  return [
    figure("docker: a lab's start against the bare engine", 'ratio', ratios, 1.3),
    figure(
      'docker: a node process from its start to listening',
      'ms',
      labs.flatMap(({ upMs }) => upMs),
      200,
    ),
    figure(
      'docker: resident memory of a node 2.5 s after its start',
      'bytes',
      labs.flatMap(({ residentBytes }) => residentBytes),
      85e6,
    ),
    figure(
      'docker: a call to a node',
      'ms',
      labs.flatMap(({ callMs }) => callMs),
      2,
    ),
  ]
}

async function measureLab(
  fabric: Fabric,
  engine: Engine,
  plan: Plan,
  signal: AbortSignal,
): Promise<LabCost> {
  const begunMs = performance.now()
  await using lab = await fabric.start(plan, { signal, onEvent: () => {} })
  const nodes = await startNodes(lab, plan.variants[0]?.nodes ?? [], signal)
  const startMs = performance.now() - begunMs
  const images = await imagesOf(engine, lab.id)
  const callMs = []
  for (const { api } of nodes) callMs.push(await medianCallMs(async () => api.status({ signal })))
  // What counts is what a node holds for as long as it runs, not what its start leaves for a moment.
  await setTimeout(SETTLED_MS, undefined, { signal })
  const statuses = await Promise.all(nodes.map(async ({ api }) => api.status({ signal })))
  return {
    startMs,
    upMs: nodes.map(({ startedAtMs, listeningAtMs }) => listeningAtMs - startedAtMs),
    residentBytes: statuses.map(({ residentBytes }) => residentBytes),
    callMs,
    images,
  }
}

/** What a running lab's containers were made from. */
async function imagesOf({ docker }: Engine, lab: string): Promise<BareImages> {
  const containers = await docker.listContainers({ filters: labFilter(lab) })
  const imageOf = (role: string): string => {
    const found = containers.find(({ Labels }) => Labels[LABEL.role] === role)
    if (found === undefined) throw new Error(`expected a ${role} in a lab that runs, saw none`)
    return found.Image
  }
  return { router: imageOf('router'), node: imageOf('node') }
}

async function measureBare(
  engine: Engine,
  plan: Plan,
  images: BareImages,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted()
  const bare = await startBareLab(engine, plan, images)
  await removeLab(engine, bare.identity.id)
  return bare.startMs
}
