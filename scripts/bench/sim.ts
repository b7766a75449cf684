import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { deriveIdentity } from '#orchestrator/plan/identity.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { medianCallMs } from './calls.ts'
import { type Figure, figure } from './figures/figure.ts'
import { planOfTwo } from './plan.ts'

/** Nodes whose memory is measured: enough that what the process needs once does not count. */
const NODES = 20

/** What a node in the sim costs. Needs `--expose-gc`. */
export async function measureSim(): Promise<Figure[]> {
  const plan = await planOfTwo([])
  await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
  const template = plan.variants[0]?.nodes ?? []
  const nodes = await Promise.all(template.map(async (node) => lab.startNode(node)))
  const [first] = nodes
  if (first === undefined || template[0] === undefined) throw new Error('expected two nodes')
  const callMs = await medianCallMs(async () => first.api.status())
  const before = residentAfterGc()
  for (let index = 0; index < NODES; index += 1) {
    await lab.startNode(further(template[0], index))
  }
  const listed = async (): Promise<number> => (await first.api.status()).listed
  for await (const event of first.api.events({ since: 0 })) {
    if (event.event === 'listed' && (await listed()) > NODES) break
  }
  const each = (residentAfterGc() - before) / NODES
  return [
    figure('sim: resident memory of a node', 'bytes', [each], 8e6),
    figure('sim: a call to a node', 'ms', [callMs], 2),
  ]
}

/** A node on the internet itself that joins through the first. */
function further(first: NodePlan, index: number): NodePlan {
  const name = `N${index}`
  const { peerId, identitySeed } = deriveIdentity(1, name)
  const address = `11.0.0.${100 + index}`
  return {
    ...first,
    name,
    network: 'internet',
    address,
    publicAddress: address,
    gateway: null,
    peerId,
    identitySeed,
    env: {
      IDENTITY_SEED: identitySeed,
      PUBLIC_IP: address,
      BOOTSTRAP: `/ip4/${first.publicAddress}/tcp/3000/p2p/${first.peerId}`,
    },
  }
}

function residentAfterGc(): number {
  if (globalThis.gc === undefined) throw new Error('expected node --expose-gc')
  globalThis.gc()
  return process.memoryUsage.rss()
}
