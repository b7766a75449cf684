import { readFile } from 'node:fs/promises'
import type { Protocol } from '#orchestrator/net/nat.ts'

/** Packets of one protocol. */
export interface PacketCount {
  received: number
  sent: number
}

/** Packets of a network namespace since it was made, loopback included. */
export type PacketCounts = Record<Protocol, PacketCount>

/** Reads the counts of this process's own network namespace. Linux only. */
export async function readPacketCounts(): Promise<PacketCounts> {
  return parsePacketCounts(await readFile('/proc/net/snmp', 'utf8'))
}

/** Reads `/proc/net/snmp`: two lines for each protocol, names first. What is missing counts as 0. */
export function parsePacketCounts(text: string): PacketCounts {
  const lines = text.split('\n').map((line) => line.split(' '))
  const sum = (protocol: string, names: readonly string[]): number => {
    const [known = [], values = []] = lines.filter(([first]) => first === `${protocol}:`)
    return names.reduce((total, name) => total + Number(values[known.indexOf(name)] ?? 0), 0)
  }
  return {
    tcp: { received: sum('Tcp', ['InSegs']), sent: sum('Tcp', ['OutSegs', 'RetransSegs']) },
    // A datagram for a port that nobody has did arrive.
    udp: {
      received: sum('Udp', ['InDatagrams', 'NoPorts', 'InErrors']),
      sent: sum('Udp', ['OutDatagrams']),
    },
  }
}
