import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import { removeLab } from './clean.ts'
import { checkConfinement } from './confinement.ts'
import type { Engine } from './engine.ts'
import type { LabIdentity } from './labels.ts'
import { createNetwork } from './networks.ts'
import type { Place } from './nodes.ts'
import type { DockerRouter } from './routers.ts'
import { sharedPlaces } from './shared-places.ts'

/** What the containers of a lab stand on: one engine, or several that share networks. */
export interface LabGround {
  readonly fabric: FabricName
  /** The engine at which whatever has a place on a network of the plan is started. */
  engineOf(place: { network: string; address: string }): Engine
  /** The engine that makes networks, and holds what belongs to the whole lab. */
  readonly manager: Engine
  /** Begins to make the networks. */
  makeNetworks(): Promise<void>[]
  /**
   * Makes a place ready: the container whose network namespace is used there, or null where a container is given a
   * namespace of its own by the engine.
   */
  standAt(place: Place & { gateway: string | null }, options?: AbortOptions): Promise<string | null>
  /**
   * Looks whether anything of the lab has a way out.
   *
   * @throws LabNotConfinedError where it has, or where nobody could look
   */
  confine(image: string, routers: readonly DockerRouter[], options: AbortOptions): Promise<void>
  /** What `docker` is told so that it speaks to the engine of a place, for people; empty, or ends in a space. */
  commandOptions(place: { network: string; address: string }): string
  /** Whether several containers may stand at one place of a node, of which one at a time uses it. */
  readonly sharesPlaces: boolean
  /** Removes the lab to its last piece. */
  remove(): Promise<void>
  /** Lets go of whatever is still listened to. */
  close(): void
}

/**
 * A lab at one engine.
 *
 * @param image - resolves with the tag of the routers' image, once the engine has it
 */
export function oneEngine(
  engine: Engine,
  plan: Plan,
  lab: LabIdentity,
  image: Promise<string>,
): LabGround {
  const places = sharedPlaces(engine, plan, lab, image)
  const makeNetwork = async (network: Plan['networks'][number]): Promise<void> => {
    await createNetwork(engine, network, plan, lab)
    places.open(network.name)
  }
  return {
    fabric: 'docker',
    manager: engine,
    engineOf: () => engine,
    sharesPlaces: plan.variants.length > 1,
    makeNetworks: () => plan.networks.map(makeNetwork),
    standAt: (place) => places.ownerAt(place),
    confine: (image, routers, options) =>
      checkConfinement({ engine, plan, lab, image, routers }, options),
    commandOptions: () => '',
    async remove() {
      await places.settled()
      await removeLab(engine, lab.id)
    },
    close: () => {},
  }
}
