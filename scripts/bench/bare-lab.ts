import { randomBytes } from 'node:crypto'
import { removeLab } from '#orchestrator/fabric/docker/clean.ts'
import { wholeRequest } from '#orchestrator/fabric/docker/containers.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import { createKadlabProgram } from '#orchestrator/fabric/docker/kadlab-program.ts'
import type { LabIdentity } from '#orchestrator/fabric/docker/labels.ts'
import { networkRequest } from '#orchestrator/fabric/docker/networks.ts'
import { nodeRequest } from '#orchestrator/fabric/docker/nodes.ts'
import { currentOwner } from '#orchestrator/fabric/docker/owner.ts'
import { routerRequest } from '#orchestrator/fabric/docker/routers.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'

export interface BareLab {
  /** Time until the engine had started all, in milliseconds. */
  startMs: number
  identity: LabIdentity
}

/** Tags of the images that the engine has of a lab. */
export interface BareImages {
  router: string
  node: string
}

/**
 * What the engine itself needs for the networks and containers of a plan's first variant: a lab's own requests, as many at
 * a time, and nothing awaited but their answers. A lab's start, which ends when its nodes listen, is held against it.
 * For engines that take several networks when a container is created (from 25 on).
 *
 * Remove it with `removeLab`; one whose start fails is removed at once.
 */
export async function startBareLab(
  engine: Engine,
  plan: Plan,
  images: BareImages,
): Promise<BareLab> {
  const identity: LabIdentity = {
    id: randomBytes(4).toString('hex'),
    scenario: `bare ${plan.scenario}`,
    owner: await currentOwner(),
  }
  try {
    const began = performance.now()
    await startAll(engine, plan, identity, images)
    return { startMs: performance.now() - began, identity }
  } catch (error) {
    await removeLab(engine, identity.id)
    throw error
  }
}

async function startAll(
  { docker, api }: Engine,
  plan: Plan,
  identity: LabIdentity,
  images: BareImages,
): Promise<void> {
  const start = async (request: Parameters<typeof wholeRequest>[0]): Promise<void> => {
    const container = await docker.createContainer(wholeRequest(request))
    await container.start()
  }
  const program = createKadlabProgram(process.cwd(), process.env)
  await allOf(
    plan.networks.map(async (network) => {
      await docker.createNetwork(networkRequest(network, plan, identity, api))
    }),
  )
  await allOf(
    plan.routers.map((router) => start(routerRequest(router, plan, identity, images.router, api))),
  )
  const nodes = plan.variants[0]?.nodes ?? []
  await allOf(nodes.map((node) => start(nodeRequest(node, identity, images.node, program, null))))
}

/** Waits for all, so that nothing comes up behind the back of who removes what is there. */
async function allOf(started: Promise<void>[]): Promise<void> {
  for (const each of await Promise.allSettled(started)) {
    if (each.status === 'rejected') throw each.reason
  }
}
