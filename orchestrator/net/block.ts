/** How packets that are blocked fail: nobody answers, a reset answers, or an ICMP error does. */
export const BLOCK_WAYS = ['drop', 'reset', 'icmp'] as const
export type BlockWay = (typeof BLOCK_WAYS)[number]

/** A port of one protocol. */
export interface BlockedPort {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/** Packets that one node sends and another does not get, whatever NAT lies between. */
export interface Block {
  readonly from: string
  readonly to: string
  readonly by: BlockWay
  /** Only packets from or to this port, as the receiver sees it; null: all. */
  readonly port: BlockedPort | null
}

/** What is blocked of a packet's ports. */
export function concernsPort(
  { port }: Block,
  packet: { protocol: 'tcp' | 'udp'; sourcePort: number; destinationPort: number },
): boolean {
  if (port === null) return true
  if (port.protocol !== packet.protocol) return false
  return port.port === packet.sourcePort || port.port === packet.destinationPort
}
