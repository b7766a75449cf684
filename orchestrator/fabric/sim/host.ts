import type { BlockWay } from '#orchestrator/net/block.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import type { SimFirewall } from './firewall.ts'
import { isLoopback, loopbackAddress } from './ipv4.ts'
import type { NetworkInterface, SimNetwork } from './network.ts'
import type { IcmpError, Packet } from './packet.ts'
import { type Application, UNPAUSED } from './process.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import { SocketError } from './socket-error.ts'
import { refusalOf, TcpStack } from './tcp-stack.ts'
import { UdpStack } from './udp-stack.ts'

export interface HostPlace {
  name: string
  address: string
  /** Default route; null: neighbours only. */
  gateway: string | null
}

/** A machine on a network: one interface, a loopback of its own, a default route, TCP and UDP. */
export class SimHost {
  readonly name: string
  readonly address: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly application: Application
  readonly tcp: TcpStack
  readonly udp: UdpStack
  readonly #gateway: string | null
  readonly #interface: NetworkInterface
  readonly #firewall: SimFirewall | undefined
  #isUp = true

  /** @throws AddressConflictError where the address is taken or outside the network's subnet */
  constructor(
    place: HostPlace,
    components: {
      network: SimNetwork
      scheduler: Scheduler
      random: Random
      /** What is blocked between hosts. Default: nothing. */
      firewall?: SimFirewall
      /** Whose host it is. Default: code that is never paused. */
      application?: Application
    },
  ) {
    this.name = place.name
    this.address = place.address
    this.#gateway = place.gateway
    this.scheduler = components.scheduler
    this.random = components.random
    this.application = components.application ?? UNPAUSED
    this.#firewall = components.firewall
    this.tcp = new TcpStack(this)
    this.udp = new UdpStack(this)
    this.#interface = components.network.attach([place.address], {
      receive: (packet) => this.#receive(packet),
    })
  }

  /** Its addresses, loopback first, as an interface list would give them. */
  get addresses(): string[] {
    return [loopbackAddress, this.address]
  }

  hasAddress(address: string): boolean {
    return address === this.address || isLoopback(address)
  }

  /** @throws SocketError ENETUNREACH where no route leads to `destination`, ENETDOWN after `shutDown` */
  sourceFor(destination: Endpoint): string {
    const { address } = destination
    if (!this.#isUp) throw new SocketError('connect', 'ENETDOWN', destination)
    if (isLoopback(address)) return loopbackAddress
    if (address === this.address) return this.address
    if (this.#nextHop(address) === null)
      throw new SocketError('connect', 'ENETUNREACH', destination)
    return this.address
  }

  transmit(packet: Packet): void {
    this.#send(this.#firewall?.isUp === true ? { ...packet, from: this.name } : packet)
  }

  #send(packet: Packet): void {
    if (!this.#isUp) return
    const { address } = packet.destination
    if (this.hasAddress(address)) {
      this.scheduler.at(this.scheduler.now(), () => this.#receive(packet))
      return
    }
    const nextHop = this.#nextHop(address)
    if (nextHop === null) return
    this.#interface.send(nextHop, packet, () => {
      if (packet.protocol === 'icmp') return
      this.#onUnreachable({ kind: 'host-unreachable', about: packet })
    })
  }

  /** Breaks its connections (the other sides hear of it) and leaves the network. Twice is fine. */
  shutDown(): void {
    this.tcp.close()
    this.udp.close()
    this.#isUp = false
    this.#interface.detach()
  }

  #nextHop(address: string): string | null {
    return this.#interface.network.holds(address) ? address : this.#gateway
  }

  #receive(packet: Packet): void {
    if (!this.#isUp) return
    const blocked = this.#firewall?.verdict(packet, this.name) ?? null
    if (blocked !== null) return this.#block(packet, blocked)
    switch (packet.protocol) {
      case 'tcp':
        return this.tcp.receive(packet)
      case 'udp':
        return this.udp.receive(packet)
      case 'icmp':
        return this.#onUnreachable(packet)
    }
  }

  /** What a firewall sends is not the host's: nothing blocks it. */
  #block(packet: Packet, by: BlockWay): void {
    if (packet.protocol === 'icmp' || by === 'drop') return
    if (by === 'reset' && packet.protocol === 'tcp') {
      const refusal = refusalOf(packet)
      if (refusal !== null) this.#send(refusal)
      return
    }
    this.#send({
      protocol: 'icmp',
      source: { address: this.address, port: 0 },
      destination: { address: packet.source.address, port: 0 },
      kind: 'host-unreachable',
      about: packet,
    })
  }

  #onUnreachable({ kind, about }: Pick<IcmpError, 'kind' | 'about'>): void {
    if (about.protocol !== 'tcp') return
    this.tcp.unreachable(about, kind === 'host-unreachable' ? 'EHOSTUNREACH' : 'ENETUNREACH')
  }
}
