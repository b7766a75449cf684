import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { removeLab } from '#orchestrator/fabric/docker/clean.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import { engineName, labelsOf, type LabIdentity } from '#orchestrator/fabric/docker/labels.ts'
import { networkRequest } from '#orchestrator/fabric/docker/networks.ts'
import { currentOwner } from '#orchestrator/fabric/docker/owner.ts'
import type { Plan } from '#orchestrator/topology/plan-type.ts'

export interface BareLab {
  /** Time until the engine had started all, in milliseconds. */
  startMs: number
  identity: LabIdentity
}

/**
 * What the engine itself needs for the networks and containers of a plan's first variant: the same requests as a lab's,
 * as many at a time, of containers that do nothing. A lab's start is held against it.
 *
 * Remove it with `removeLab`; one whose start fails is removed at once.
 */
export async function startBareLab(engine: Engine, plan: Plan, image: string): Promise<BareLab> {
  const identity: LabIdentity = {
    id: randomBytes(4).toString('hex'),
    scenario: `bare ${plan.scenario}`,
    owner: await currentOwner(),
  }
  try {
    const began = performance.now()
    await startAll(engine.docker, engine.api, plan, identity, image)
    return { startMs: performance.now() - began, identity }
  } catch (error) {
    await removeLab(engine, identity.id)
    throw error
  }
}

async function startAll(
  docker: Docker,
  api: Engine['api'],
  plan: Plan,
  identity: LabIdentity,
  image: string,
): Promise<void> {
  await allOf(
    plan.networks.map((network) =>
      docker.createNetwork(networkRequest(network, plan, identity, api)),
    ),
  )
  await allOf(
    plan.routers.map(({ name, wan, lan }) =>
      startBare(docker, identity, name, image, {
        [wan.network]: wan.address,
        [lan.network]: lan.ownAddress,
      }),
    ),
  )
  const nodes = plan.variants[0]?.nodes ?? []
  await allOf(
    nodes.map(({ name, network, address }) =>
      startBare(docker, identity, name, image, { [network]: address }),
    ),
  )
}

/** Waits for all, so that nothing comes up behind the back of who removes what is there. */
async function allOf(started: Promise<unknown>[]): Promise<void> {
  for (const each of await Promise.allSettled(started)) {
    if (each.status === 'rejected') throw each.reason
  }
}

async function startBare(
  docker: Docker,
  identity: LabIdentity,
  name: string,
  image: string,
  addresses: Record<string, string>,
): Promise<void> {
  const endpoints = Object.entries(addresses).map(([network, address]) => ({
    network: engineName(identity, network),
    settings: { IPAMConfig: { IPv4Address: address } },
  }))
  const options: ContainerCreateOptions = {
    name: engineName(identity, name),
    Image: image,
    Entrypoint: ['sleep', 'infinity'],
    Labels: labelsOf(identity, 'node', name),
    HostConfig: { NetworkMode: endpoints[0]?.network ?? 'none' },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(
        endpoints.map(({ network, settings }) => [network, settings]),
      ),
    },
  }
  const container = await docker.createContainer(options)
  await container.start()
}
