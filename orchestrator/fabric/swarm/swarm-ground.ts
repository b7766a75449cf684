import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { subnetOf } from '#orchestrator/plan/router-addresses.ts'
import type { AttachedContainer } from '../docker/containers.ts'
import type { Engine } from '../docker/engine.ts'
import { EngineRefusedError } from '../docker/errors.ts'
import type { LabGround } from '../docker/ground.ts'
import type { LabIdentity } from '../docker/labels.ts'
import { LABEL, labFilter } from '../docker/labels.ts'
import { createNetworkOf } from '../docker/networks.ts'
import type { Place } from '../docker/nodes.ts'
import type { DockerRouter } from '../docker/routers.ts'
import { anchorNetwork } from './anchor.ts'
import { commandOptionsOf, type SwarmEngine } from './engines-file.ts'
import { WayOutError } from './errors.ts'
import { startNamespaceOwner } from './namespace-owner.ts'
import { nextHop, overlayRequest } from './overlay.ts'
import { capacityOf, partOf, placeParts, type Placement } from './placement.ts'
import { findStrays } from './strays.ts'
import { removeSwarmLab } from './swarm-clean.ts'
import { watchEngines } from './watch-engines.ts'

export interface SwarmGroundParts {
  /** A manager first. */
  engines: readonly SwarmEngine[]
  plan: Plan
  lab: LabIdentity
  /** Resolves with the tag of the routers' image, once every engine has it. */
  routerImage: Promise<string>
  /** Told once where an engine leaves while the lab is up. */
  onLost: (engine: string, why: string) => void
}

/** A lab over the engines of a Swarm. */
export function createSwarmGround(parts: SwarmGroundParts): LabGround {
  return new SwarmGround(parts)
}

class SwarmGround implements LabGround {
  readonly fabric = 'swarm'
  readonly sharesPlaces = false
  readonly #parts: SwarmGroundParts
  readonly #placement: Placement
  /** By network and address. They stay until the lab ends: who comes back finds its address free at once. */
  readonly #owners = new Map<string, Promise<AttachedContainer>>()
  readonly #watch: Disposable

  constructor(parts: SwarmGroundParts) {
    const { engines, plan, onLost } = parts
    this.#parts = parts
    this.#placement = placeParts(plan, engines.map(capacityOf))
    this.#watch = watchEngines(engines, onLost)
  }

  get manager(): Engine {
    return this.#first.engine
  }

  engineOf(place: { network: string; address: string }): Engine {
    return this.#of(place).engine
  }

  commandOptions(place: { network: string; address: string }): string {
    return commandOptionsOf(this.#of(place).name)
  }

  makeNetworks(): Promise<void>[] {
    return [this.#makeAndAnchor()]
  }

  async #makeAndAnchor(): Promise<void> {
    const { engines, plan, lab, routerImage } = this.#parts
    const made = plan.networks.map((network) =>
      createNetworkOf(this.manager, network, overlayRequest(network, plan, lab)),
    )
    await Promise.allSettled(made)
    await Promise.all(made)
    const image = await routerImage
    const anchored = engines.map(async ({ engine }, index) => {
      for (const { name } of plan.networks) {
        if (this.#enginesOn(name).has(index)) await anchorNetwork(engine, lab, name, image)
      }
    })
    await Promise.allSettled(anchored)
    await Promise.all(anchored)
  }

  /** Numbers of the engines at which something is on a network. */
  #enginesOn(network: string): Set<number> {
    const { plan } = this.#parts
    const places = [
      // Probes that stand where no part of the plan does.
      { network, address: '' },
      ...plan.variants.flatMap(({ nodes }) => nodes).filter((node) => node.network === network),
      ...plan.routers
        .filter(({ lan, wan }) => lan.network === network || wan.network === network)
        .map(({ lan }) => ({ network: lan.network, address: lan.ownAddress })),
    ]
    return new Set(places.map((place) => this.#placement.get(partOf(place, plan)) ?? 0))
  }

  async standAt(place: Place, { signal }: AbortOptions = {}): Promise<string> {
    const key = `${place.network} ${place.address}`
    const known = this.#owners.get(key)
    const owner = known ?? this.#startOwner(place, signal)
    this.#owners.set(key, owner)
    try {
      const { id } = await owner
      if (known !== undefined) await this.#refuseSecond(place, id)
      return id
    } catch (error) {
      if (known === undefined) this.#owners.delete(key)
      throw error
    }
  }

  async confine(
    _image: string,
    routers: readonly DockerRouter[],
    { signal }: AbortOptions,
  ): Promise<void> {
    const { plan } = this.#parts
    await Promise.all(
      routers.map(async (router) => {
        const { lan, wan, name } = router.plan
        const state = Object.entries(await router.state())
        signal?.throwIfAborted()
        const routes = state.find(([file]) => file.endsWith('.routes.txt'))?.[1] ?? ''
        const subnets = [lan.network, wan.network].map((each) => subnetOf(each, plan.networks))
        const strays = findStrays(routes.split('\n'), subnets)
        if (strays.length === 0) return
        throw new WayOutError(name, this.#of({ network: lan.network, address: '' }).name, strays)
      }),
    )
  }

  async remove(): Promise<void> {
    this.close()
    await removeSwarmLab(this.#parts.engines, this.#parts.lab.id)
  }

  close(): void {
    this.#watch[Symbol.dispose]()
    for (const owner of this.#owners.values()) owner.then((each) => each.detach()).catch(() => {})
  }

  get #first(): SwarmEngine {
    return this.#parts.engines[0] as SwarmEngine
  }

  #of(place: { network: string; address: string }): SwarmEngine {
    const { engines, plan } = this.#parts
    return engines[this.#placement.get(partOf(place, plan)) ?? 0] ?? this.#first
  }

  async #startOwner(place: Place, signal: AbortSignal | undefined): Promise<AttachedContainer> {
    const { plan, lab, routerImage } = this.#parts
    const network = plan.networks.find(({ name }) => name === place.network)
    if (network === undefined) {
      throw new EngineRefusedError(`The lab has no network \`${place.network}\`.`)
    }
    const where = {
      network: network.name,
      subnet: network.subnet,
      address: place.address,
      gateway: nextHop(network, plan),
    }
    return startNamespaceOwner(this.engineOf(place), lab, where, await routerImage, { signal })
  }

  /** An address is one's at a time: the engine does not know, as all who had it share a namespace. */
  async #refuseSecond(place: Place, owner: string): Promise<void> {
    const { lab } = this.#parts
    const filters = JSON.stringify(labFilter(lab.id))
    const running = await this.engineOf(place).docker.listContainers({ filters })
    const holder = running.find(({ HostConfig }) => HostConfig.NetworkMode === `container:${owner}`)
    if (holder === undefined) return
    throw new EngineRefusedError(
      `The address ${place.address} of \`${place.name}\` is that of \`${holder.Labels[LABEL.name]}\`, which runs.`,
    )
  }
}
