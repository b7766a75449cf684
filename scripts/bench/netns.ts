import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import type { Fabric, LabNode } from '#orchestrator/fabric/fabric.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { type Figure, figure } from './figures/figure.ts'
import { planOfTwo, startNodes } from './plan.ts'

const ROUTERS = 20
const NODES = 100

/** A lab's start in namespaces against the same on the engine, one after the other; without an engine nothing. */
export async function compareLabStarts(runs: number, signal: AbortSignal): Promise<Figure[]> {
  const ratios: number[] = []
  for (let count = 0; count <= runs; count += 1) {
    const inNamespacesMs = await startMs(createNetnsFabric(), signal)
    const onEngineMs = await startMs(createDockerFabric(), signal)
    // The first pair makes bundles and images.
    if (count > 0) ratios.push(inNamespacesMs / onEngineMs)
  }
  return [figure("netns: a lab's start against docker's", 'ratio', ratios, 0.3)]
}

/** From nothing to two nodes that listen. */
async function startMs(fabric: Fabric, signal: AbortSignal): Promise<number> {
  const plan = await planOfTwo(await fabric.takenSubnets({ signal }))
  const begunMs = performance.now()
  await using lab = await fabric.start(plan, { signal, onEvent: () => {} })
  await startNodes(lab, plan.variants[0]?.nodes ?? [], signal)
  return performance.now() - begunMs
}

/** A hundred nodes behind twenty routers: until all have joined through one. */
export async function measureScale(signal: AbortSignal): Promise<Figure[]> {
  const plan = planOfMany()
  const begunMs = performance.now()
  await using lab = await createNetnsFabric().start(plan, { signal, onEvent: () => {} })
  const [first, ...others] = plan.variants[0]?.nodes ?? []
  if (first === undefined) throw new Error('expected nodes in the plan')
  await lab.startNode(first, { signal })
  const nodes = await startNodes(lab, others, signal)
  for (const node of nodes) await untilJoined(node, signal)
  const tookMs = performance.now() - begunMs
  return [
    figure(`netns: ${NODES} nodes behind ${ROUTERS} routers, all joined`, 'ms', [tookMs], 60_000),
  ]
}

async function untilJoined({ api }: LabNode, signal: AbortSignal): Promise<void> {
  for await (const { event } of api.events({ since: 0, signal })) if (event === 'connected') return
}

function planOfMany(): Plan {
  const sites = Array.from({ length: ROUTERS }, (_, site) => [`s${site}`, { nat: 'full-cone' }])
  const nodes = Array.from({ length: NODES }, (_, node) => [
    `n${node}`,
    { site: `s${node % ROUTERS}`, bootstrap: ['first'] },
  ])
  const first = { site: 'net', env: { PUBLIC_IP: '{public}' } }
  const text = JSON.stringify({
    name: 'many',
    title: 'many nodes behind many routers',
    sites: { net: { nat: 'public' }, ...Object.fromEntries(sites) },
    nodes: { first, ...Object.fromEntries(nodes) },
  })
  const [plan] = planScenario(readScenario(text, 'many.yaml').scenario, { seed: 1 })
  if (plan === undefined) throw new Error('expected one plan')
  return plan
}
