import type { Protocol } from '#orchestrator/net/nat.ts'

/** nft table in which a router counts; it decides nothing. */
const TABLE = 'kadlab_seen'

/** Packets by source address, destination address and protocol. */
export type PairCounts = ReadonlyMap<string, number>

/** What passed a router, each packet before it was translated or refused, or after. */
export interface RouterCounts {
  /** Came from its inside network and is for somewhere beyond it. */
  fromInside: PairCounts
  /** Left for another network, translated. */
  toOutside: PairCounts
  /** Came from elsewhere. */
  fromOutside: PairCounts
  /** Left into its inside network, translated. */
  toInside: PairCounts
}

const SETS: Record<keyof RouterCounts, string> = {
  fromInside: 'from_inside',
  toOutside: 'to_outside',
  fromOutside: 'from_outside',
  toInside: 'to_inside',
}

function note(set: string): string {
  return `update @${set} { ip saddr . ip daddr . meta l4proto counter }`
}

/** nft lines that count, first of all and last of all. Loaded a second time, they begin to count anew. */
export function countingRules(inside: string): string {
  return [
    `table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    ...Object.values(SETS).map(
      (set) =>
        `  set ${set} { type ipv4_addr . ipv4_addr . inet_proto; flags dynamic; size 65535; }`,
    ),
    '  chain first {',
    // Before connection tracking, and before any rule that somebody adds.
    '    type filter hook prerouting priority -1000; policy accept;',
    `    ip saddr ${inside} ip daddr != ${inside} ${note(SETS.fromInside)}`,
    `    ip saddr != ${inside} ${note(SETS.fromOutside)}`,
    '  }',
    '  chain last {',
    '    type filter hook postrouting priority 1000; policy accept;',
    `    ip daddr != ${inside} ${note(SETS.toOutside)}`,
    `    ip saddr != ${inside} ip daddr ${inside} ${note(SETS.toInside)}`,
    '  }',
    '}',
    '',
  ].join('\n')
}

/** The command that prints the counts, for `parseRouterCounts`. */
export const LIST_COUNTS: readonly string[] = ['nft', 'list', 'table', 'ip', TABLE]

/** nft writes a number where the machine has no `/etc/protocols`, as slim images have none. */
const PROTOCOL_NAMES: Readonly<Record<string, Protocol>> = { 6: 'tcp', 17: 'udp' }

/** Reads what `LIST_COUNTS` printed. */
export function parseRouterCounts(text: string): RouterCounts {
  const of = (set: string): PairCounts => {
    const begin = text.indexOf(`set ${set} {`)
    const body = begin === -1 ? '' : text.slice(begin, text.indexOf('\n\t}', begin))
    const entries = body.matchAll(/([\d.]+) \. ([\d.]+) \. (\w+) counter packets (\d+)/g)
    return new Map(
      [...entries].map(([, from, to, protocol, packets]) => [
        `${PROTOCOL_NAMES[protocol ?? ''] ?? protocol} ${from} ${to}`,
        Number(packets),
      ]),
    )
  }
  return {
    fromInside: of(SETS.fromInside),
    toOutside: of(SETS.toOutside),
    fromOutside: of(SETS.fromOutside),
    toInside: of(SETS.toInside),
  }
}

/** Packets of a protocol from one address to another. */
export function packetsOf(
  counts: PairCounts,
  protocol: Protocol,
  from: string,
  to: string,
): number {
  return counts.get(`${protocol} ${from} ${to}`) ?? 0
}
