import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { wholeRequest } from './containers.ts'
import type { Engine } from './engine.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import type { Place } from './nodes.ts'
import { refused } from './refusals.ts'

/** The places of a lab's nodes, each a network namespace that outlives whatever stands there. */
export interface SharedPlaces {
  /** A network is there: its places are made ready, and nobody waits for that yet. */
  open(network: string): void
  /** The container whose namespace is used at a place; null where a container has one of its own. */
  ownerAt(place: Pick<Place, 'network' | 'address'>): Promise<string | null>
  /** Resolves once nothing is being started any more. */
  settled(): Promise<void>
}

/**
 * Where a lab has several variants, its nodes stand in the namespaces of small containers: those of the next variant are started,
 * and held back, while this one's run. An address is one container's at the engine, and a start that makes no network
 * takes half the time.
 *
 * @param image - resolves with the tag of the routers' image
 */
export function sharedPlaces(
  engine: Engine,
  plan: Plan,
  lab: LabIdentity,
  image: Promise<string>,
): SharedPlaces {
  const owners = new Map<string, Promise<string>>()
  const nodes = plan.variants.length > 1 ? plan.variants.flatMap((variant) => variant.nodes) : []
  return {
    open(network) {
      for (const node of nodes) {
        if (node.network !== network || owners.has(keyOf(node))) continue
        const owner = image.then((tag) => startOwner(engine, lab, node, tag))
        // Told to whoever starts something there.
        owner.catch(() => {})
        owners.set(keyOf(node), owner)
      }
    },
    ownerAt: async (place) => (await owners.get(keyOf(place))) ?? null,
    async settled() {
      await Promise.allSettled(owners.values())
    },
  }
}

function keyOf({ network, address }: Pick<Place, 'network' | 'address'>): string {
  return `${network} ${address}`
}

/** Starts the container that has a place's network namespace, and no right in it. */
async function startOwner(
  { docker }: Engine,
  lab: LabIdentity,
  place: Place,
  image: string,
): Promise<string> {
  const name = `at-${place.address}`
  const network = engineName(lab, place.network)
  const request = wholeRequest({
    name: engineName(lab, name),
    Image: image,
    Entrypoint: ['sleep'],
    Cmd: ['infinity'],
    StopSignal: 'SIGKILL',
    Labels: labelsOf(lab, 'agent', name),
    HostConfig: { NetworkMode: network, Memory: 32 * 2 ** 20, PidsLimit: 16 },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: place.address } } },
    },
  })
  try {
    const container = await docker.createContainer(request)
    await container.start()
    return container.id
  } catch (error) {
    throw refused(`the place ${place.address} on the network \`${place.network}\``, error)
  }
}
