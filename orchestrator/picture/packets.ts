import type { NodePlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'

/** A packet as a page carries it: a line of its own between the events. */
export interface PacketLine {
  type: 'packet'
  /** As Wireshark counts in the capture, from 1 on. */
  number: number
  network: string
  atMs: number
  /** `address:port`, or an address. */
  from: string
  to: string
  says: string
  /** Of the packet that an ICMP error is about; left out in others. */
  about?: { from: string; to: string }
}

/** A packet, and how many events of the run came before it. */
export interface PlacedPacket extends PacketLine {
  after: number
}

/** A packet of a pair, and who may have sent it and to whom it may have gone. */
export interface PairPacket extends PlacedPacket {
  /** Names of nodes; several where they stand behind one address. */
  senders: readonly string[]
  receivers: readonly string[]
}

/** The packets of a run, by variant. */
export class PacketBook {
  readonly #packets = new Map<string | null, PlacedPacket[]>()
  #variant: string | null = null

  /** From here on packets are of a variant. */
  startVariant(name: string): void {
    this.#variant = name
  }

  /** Takes the next packet in; `after` events came before it. */
  push(packet: PacketLine, after: number): void {
    const list = this.#packets.get(this.#variant) ?? []
    this.#packets.set(this.#variant, list)
    list.push({ ...packet, after })
  }

  ofVariant(name: string): readonly PlacedPacket[] {
    return this.#packets.get(name) ?? []
  }
}

/**
 * The packets between two nodes, on every network that they crossed. A packet is told by its addresses: behind one
 * address there may be several nodes, who then are all named.
 */
export function pairPackets(
  packets: readonly PlacedPacket[],
  { plan, nodes }: { plan: Pick<Plan, 'routers'>; nodes: readonly NodePlan[] },
  [one, other]: readonly [string, string],
): PairPacket[] {
  const known = new Map<string, readonly string[]>()
  const ownersOf = (network: string, place: string): readonly string[] => {
    const address = place.split(':')[0] ?? ''
    const key = `${network} ${address}`
    const owners = known.get(key) ?? ownersAt(plan.routers, nodes, network, address)
    known.set(key, owners)
    return owners
  }
  return packets.flatMap((packet) => {
    const { network, about } = packet
    // An error tells the sender of a packet that it did not arrive: it is of the pair that the packet is of.
    const [from, to] = about === undefined ? [packet.from, packet.to] : [about.to, about.from]
    const [senders, receivers] = [ownersOf(network, from), ownersOf(network, to)]
    const isOfPair =
      (senders.includes(one) && receivers.includes(other)) ||
      (senders.includes(other) && receivers.includes(one))
    return isOfPair ? [{ ...packet, senders, receivers }] : []
  })
}

/** The routers between a network and the internet, from inside to outside. */
export function routersAbove(routers: readonly RouterPlan[], network: string): RouterPlan[] {
  const found: RouterPlan[] = []
  let inside: string | undefined = network
  while (inside !== undefined) {
    const from: string = inside
    const router = routers.find(({ lan }) => lan.network === from)
    if (router === undefined || found.includes(router)) break
    found.push(router)
    inside = router.wan.network
  }
  return found
}

function ownersAt(
  routers: readonly RouterPlan[],
  nodes: readonly NodePlan[],
  network: string,
  address: string,
): string[] {
  const here = nodes.filter((node) => node.network === network && node.address === address)
  if (here.length > 0) return namesOf(here)
  const own = nodes.filter(({ publicAddress }) => publicAddress === address)
  // Behind 1:1 NAT an outside address is of one node alone.
  if (own.length === 1) return namesOf(own)
  const behind = nodes.filter((node) =>
    routersAbove(routers, node.network).some(
      ({ wan }) => wan.address === address || wan.furtherAddresses.includes(address),
    ),
  )
  // A private address where it leads nowhere is still whose it is.
  return namesOf(behind.length > 0 ? behind : nodes.filter((node) => node.address === address))
}

function namesOf(nodes: readonly NodePlan[]): string[] {
  return nodes.map(({ name }) => name)
}
