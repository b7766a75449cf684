import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
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
 * Remove it with `removeLab`.
 */
export async function startBareLab(engine: Engine, plan: Plan, image: string): Promise<BareLab> {
  const identity: LabIdentity = {
    id: randomBytes(4).toString('hex'),
    scenario: `bare ${plan.scenario}`,
    owner: await currentOwner(),
  }
  const { docker } = engine
  const began = performance.now()
  await Promise.all(
    plan.networks.map((network) =>
      docker.createNetwork(networkRequest(network, plan, identity, engine.api)),
    ),
  )
  await Promise.all(
    plan.routers.map(({ name, wan, lan }) =>
      startBare(docker, identity, name, image, {
        [wan.network]: wan.address,
        [lan.network]: lan.ownAddress,
      }),
    ),
  )
  const nodes = plan.variants[0]?.nodes ?? []
  await Promise.all(
    nodes.map(({ name, network, address }) =>
      startBare(docker, identity, name, image, { [network]: address }),
    ),
  )
  return { startMs: performance.now() - began, identity }
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
