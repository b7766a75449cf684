import { isDeepStrictEqual } from 'node:util'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { outsideAddresses } from '#orchestrator/plan/router-addresses.ts'
import { Nat, type NatVerdict } from './nat.ts'
import type { NetworkInterface, SimNetwork } from './network.ts'
import { formatEndpoint, type IcmpError, type Packet } from './packet.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * The box between a site and the internet, or between a home and its carrier: NAT in the middle, a default route
 * outside. It answers nothing itself: what is sent to it and belongs to no mapping is dropped.
 */
export class SimRouter {
  readonly name: string
  #nat: Nat
  readonly #lan: NetworkInterface
  #wan: NetworkInterface
  readonly #outside: SimNetwork
  readonly #random: Random
  readonly #wanGateway: string | null
  readonly #scheduler: Scheduler

  constructor(
    plan: RouterPlan,
    components: {
      lan: SimNetwork
      wan: SimNetwork
      scheduler: Scheduler
      random: Random
    },
  ) {
    const { lan, wan, scheduler, random } = components
    this.name = plan.name
    this.#scheduler = scheduler
    this.#random = random
    this.#outside = wan
    this.#nat = this.#newNat(plan)
    this.#wanGateway = plan.wan.gateway
    this.#lan = lan.attach([plan.lan.address], {
      receive: (packet) => this.#fromLan(packet),
    })
    this.#wan = this.#attachOutside(plan)
  }

  flush(): void {
    this.#nat.flush()
  }

  /** Does as another plan of it says from now on; what is open stays open where its outside addresses stay. */
  change(plan: RouterPlan): void {
    const addresses = outsideAddresses(plan)
    if (isDeepStrictEqual(addresses, this.#wan.addresses)) return this.#nat.configure(plan.nat)
    this.#wan.detach()
    this.#wan = this.#attachOutside(plan)
    this.#nat = this.#newNat(plan)
  }

  /** Mappings, sessions and counters as text, for people. */
  describe(): { mappings: string; counters: string } {
    const nowMs = this.#scheduler.now()
    const lines = this.#nat.mappings(nowMs).map((mapping) => {
      const sessions = Array.from(mapping.sessions, (session) => {
        const phase = mapping.protocol === 'tcp' ? ` ${session.phase}` : ''
        return `  with ${formatEndpoint(session.remote)}${phase}\n`
      })
      const inside = formatEndpoint(mapping.inside)
      const outside = formatEndpoint(mapping.outside)
      return `${mapping.protocol} ${inside} is ${outside} outside\n${sessions.join('')}`
    })
    return {
      mappings: lines.join(''),
      counters: `${JSON.stringify(this.#nat.counters, undefined, 2)}\n`,
    }
  }

  #newNat({ nat, wan }: RouterPlan): Nat {
    return new Nat(nat, { outsideAddress: wan.address, random: this.#random })
  }

  #attachOutside(plan: RouterPlan): NetworkInterface {
    return this.#outside.attach(outsideAddresses(plan), {
      receive: (packet) => this.#fromWan(packet),
    })
  }

  #fromLan(packet: Packet): void {
    this.#forward(this.#nat.outbound(packet, this.#scheduler.now()), packet, this.#lan)
  }

  #fromWan(packet: Packet): void {
    this.#forward(this.#nat.inbound(packet, this.#scheduler.now()), packet, this.#wan)
  }

  /** Sends on what the NAT lets through; who sent `original`, from the side of `origin`, hears where that fails. */
  #forward(verdict: NatVerdict, original: Packet, origin: NetworkInterface): void {
    if ('drop' in verdict) return
    const { packet, to } = verdict
    const target = to === 'inside' ? this.#lan : this.#wan
    const { address } = packet.destination
    const gateway = to === 'inside' ? null : this.#wanGateway
    const nextHop = target.network.holds(address) ? address : gateway
    if (nextHop === null) return this.#refuse(original, origin, 'net-unreachable')
    target.send(nextHop, packet, () => this.#refuse(original, origin, 'host-unreachable'))
  }

  #refuse(about: Packet, origin: NetworkInterface, kind: IcmpError['kind']): void {
    if (about.protocol === 'icmp') return
    const error: IcmpError = {
      protocol: 'icmp',
      source: { address: origin.addresses[0] ?? '', port: 0 },
      destination: { address: about.source.address, port: 0 },
      kind,
      about,
    }
    const { address } = about.source
    const nextHop = origin.network.holds(address) ? address : this.#gatewayOf(origin)
    if (nextHop !== null) origin.send(nextHop, error, () => undefined)
  }

  #gatewayOf(side: NetworkInterface): string | null {
    return side === this.#wan ? this.#wanGateway : null
  }
}
