import {
  type Cidr,
  cidrOf,
  contains,
  formatCidr,
  parseAddress,
} from '#orchestrator/net/addresses.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import { FabricError } from '../errors.ts'
import { Link } from './link.ts'
import { packetBytes, type Packet } from './packet.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** Linux asks three times, once a second, for a neighbour that does not answer (ARP), then gives up. */
const neighbourAttempts = 3
const neighbourIntervalMs = 1000
/**
 * How long frames still go to a neighbour that has left, and nobody hears of it: Linux trusts an answer for 15 to 45 s
 * (base_reachable_time), waits 5 s more, and asks three times.
 */
const neighbourTrustMs = 38_000

/** A host or router as a network sees it. */
export interface Attachment {
  receive(packet: Packet): void
}

/** Who sends: its end of the link, and the neighbours whose answer it has and trusts for a while. */
interface Sender {
  readonly link: Link
  readonly met: Set<string>
}

/** Addresses already held on a network, or outside its subnet. */
export class AddressConflictError extends FabricError {
  static override readonly name = 'AddressConflictError'
}

/** One layer-2 segment: who is attached hears what is sent to its addresses. Its subnet may be that of another one. */
export class SimNetwork {
  readonly name: string
  readonly #subnet: Cidr
  #link: LinkPlan
  readonly #links = new Set<Link>()
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #onPacket: ((packet: Packet) => void) | undefined
  readonly #attachments = new Map<string, Attachment>()
  /** When those that left will be missed. */
  readonly #missedAtMs = new Map<string, number>()

  constructor(
    init: { name: string; subnet: string; link: LinkPlan },
    components: {
      scheduler: Scheduler
      random: Random
      onPacket?: ((packet: Packet) => void) | undefined
    },
  ) {
    this.name = init.name
    this.#subnet = cidrOf(init.subnet)
    this.#link = init.link
    this.#scheduler = components.scheduler
    this.#random = components.random
    this.#onPacket = components.onPacket
  }

  /** Whether an address belongs to the network's subnet: it is then a neighbour. */
  holds(address: string): boolean {
    const parsed = parseAddress(address)
    return parsed !== null && contains(this.#subnet, parsed)
  }

  /**
   * Gives `addresses` to an attachment and returns its interface.
   *
   * @throws AddressConflictError for an address that is taken or outside the subnet
   */
  attach(addresses: string[], attachment: Attachment): NetworkInterface {
    for (const address of addresses) {
      if (this.#attachments.has(address)) {
        throw new AddressConflictError(
          `${address} on network ${this.name} is taken: give each host another address`,
        )
      }
      if (!this.holds(address)) {
        throw new AddressConflictError(
          `${address} is outside ${formatCidr(this.#subnet)}, the subnet of network ${this.name}`,
        )
      }
    }
    for (const address of addresses) {
      this.#attachments.set(address, attachment)
      this.#missedAtMs.delete(address)
    }
    const sender: Sender = { link: new Link(this.#link, this.#random), met: new Set() }
    this.#links.add(sender.link)
    return {
      network: this,
      addresses,
      send: (nextHop, packet, onUnreachable) => {
        this.#send(sender, nextHop, packet, onUnreachable, neighbourAttempts)
      },
      detach: () => {
        this.#links.delete(sender.link)
        for (const address of addresses) {
          if (this.#attachments.get(address) !== attachment) continue
          this.#attachments.delete(address)
          this.#missedAtMs.set(address, this.#scheduler.now() + neighbourTrustMs)
        }
      },
    }
  }

  /** Gives every interface, those that come too, another link; what is on the way arrives as it would have. */
  shape(link: LinkPlan): void {
    this.#link = link
    for (const each of this.#links) each.shape(link)
  }

  #send(
    sender: Sender,
    nextHop: string,
    packet: Packet,
    onUnreachable: () => void,
    attempts: number,
  ): void {
    const nowMs = this.#scheduler.now()
    if (this.#attachments.has(nextHop)) {
      // What a link loses was sent too.
      this.#onPacket?.(packet)
      sender.met.add(nextHop)
      const arrivesMs = sender.link.arrival(nextHop, packetBytes(packet), nowMs)
      if (arrivesMs === null) return
      this.#scheduler.at(arrivesMs, () => this.#attachments.get(nextHop)?.receive(packet))
      return
    }
    // Sent, and heard by nobody.
    if (sender.met.has(nextHop) && nowMs < (this.#missedAtMs.get(nextHop) ?? 0)) return
    if (attempts === 0) {
      onUnreachable()
    } else {
      this.#scheduler.at(nowMs + neighbourIntervalMs, () =>
        this.#send(sender, nextHop, packet, onUnreachable, attempts - 1),
      )
    }
  }
}

/** What a host or router holds of a network that it is attached to. */
export interface NetworkInterface {
  readonly network: SimNetwork
  readonly addresses: readonly string[]
  /** Sends to a neighbour; `onUnreachable` is called where none answers at `nextHop`. */
  send(nextHop: string, packet: Packet, onUnreachable: () => void): void
  /** Twice is fine. */
  detach(): void
}
