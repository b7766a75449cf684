import type { Clock } from '#node/time/clock.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { FabricError } from '../errors.ts'
import type { LabOptions } from '../fabric.ts'
import { SimFirewall } from './firewall.ts'
import { SimHost, type HostPlace } from './host.ts'
import { SimNetwork } from './network.ts'
import { packetToBytes } from './packet-bytes.ts'
import type { Packet } from './packet.ts'
import { type Application, UNPAUSED } from './process.ts'
import { createRandom } from './random.ts'
import { SimRouter } from './router.ts'
import { Scheduler } from './scheduler.ts'

/** The plan, or a call, names a network or router that is not there. */
export class UnknownNameError extends FabricError {
  static override readonly name = 'UnknownNameError'
}

/** The networks and routers of a plan, and whatever hosts are put on them. */
export class SimInternet {
  readonly #seed: number
  readonly #scheduler: Scheduler
  readonly #networks = new Map<string, SimNetwork>()
  readonly #routers = new Map<string, SimRouter>()
  readonly #hosts = new Set<SimHost>()
  readonly #firewall = new SimFirewall()
  /** How many hosts of each name there were: one that starts again takes other ports and sequence numbers. */
  readonly #starts = new Map<string, number>()

  /** @throws AddressConflictError, UnknownNameError, RangeError for a plan that makes no sense */
  constructor(
    plan: Pick<Plan, 'seed' | 'networks' | 'routers'>,
    components: { clock: Clock; onPacket?: LabOptions['onPacket'] | undefined },
  ) {
    this.#seed = plan.seed
    const scheduler = new Scheduler(components.clock)
    this.#scheduler = scheduler
    for (const network of plan.networks) {
      const random = createRandom(plan.seed, `network ${network.name}`)
      const onPacket =
        components.onPacket === undefined
          ? undefined
          : (packet: Packet): void => components.onPacket?.(network.name, packetToBytes(packet))
      this.#networks.set(network.name, new SimNetwork(network, { scheduler, random, onPacket }))
    }
    for (const router of plan.routers) {
      const lan = this.#network(router.lan.network)
      const wan = this.#network(router.wan.network)
      const random = createRandom(plan.seed, `router ${router.name}`)
      this.#routers.set(router.name, new SimRouter(router, { lan, wan, scheduler, random }))
    }
  }

  /** Network time in milliseconds. */
  now(): number {
    return this.#scheduler.now()
  }

  /**
   * @param application - whose host it is
   * @throws AddressConflictError, UnknownNameError
   */
  addHost(place: HostPlace & { network: string }, application: Application = UNPAUSED): SimHost {
    const network = this.#network(place.network)
    const start = (this.#starts.get(place.name) ?? 0) + 1
    this.#starts.set(place.name, start)
    const random = createRandom(this.#seed, `host ${place.name} ${start}`)
    const host = new SimHost(place, {
      network,
      scheduler: this.#scheduler,
      random,
      firewall: this.#firewall,
      application,
    })
    this.#hosts.add(host)
    return host
  }

  /** Takes a host off its network: its connections break. Twice is fine. */
  removeHost(host: SimHost): void {
    host.shutDown()
    this.#hosts.delete(host)
  }

  /** Blocks these and nothing else. */
  block(blocks: readonly Block[]): void {
    this.#firewall.set(blocks)
  }

  /** Gives a network another link. @throws UnknownNameError */
  shape(network: string, link: LinkPlan): void {
    this.#network(network).shape(link)
  }

  get routerNames(): string[] {
    return [...this.#routers.keys()]
  }

  /** @throws UnknownNameError */
  router(name: string): SimRouter {
    const router = this.#routers.get(name)
    if (router !== undefined) return router
    throw new UnknownNameError(unknown('router', name, this.#routers))
  }

  /** Ends everything: no packet is delivered any more. Twice is fine. */
  stop(): void {
    for (const host of this.#hosts) host.shutDown()
    this.#hosts.clear()
    this.#scheduler.stop()
  }

  #network(name: string): SimNetwork {
    const network = this.#networks.get(name)
    if (network !== undefined) return network
    throw new UnknownNameError(unknown('network', name, this.#networks))
  }
}

function unknown(kind: string, name: string, known: Map<string, unknown>): string {
  return `expected the name of a ${kind} of the plan (${[...known.keys()].join(', ')}), saw ${name}`
}
