import type { Block, BlockedPort, BlockWay } from '#orchestrator/net/block.ts'
import { FabricError } from './errors.ts'

/** The table in which a node's own kernel blocks; it is made anew each time. */
export const BLOCK_TABLE = 'kadlab_blocks'

/** DSCP has six bits, and 0 is everybody's. */
const LARGEST_MARK = 63

/**
 * The mark of each node whose packets are blocked somewhere. A packet carries it in its DSCP field, which routers leave alone: so
 * that the receiver knows who sent it, whatever NAT lies between.
 *
 * @throws FabricError where there are more such nodes than marks
 */
export function marksOf(blocks: readonly Block[]): ReadonlyMap<string, number> {
  const senders = [...new Set(blocks.map(({ from }) => from))].toSorted()
  if (senders.length > LARGEST_MARK) {
    throw new FabricError(
      `Expected at most ${LARGEST_MARK} nodes whose packets are blocked, saw ${senders.length}: a kernel tells no more apart. Take --fabric sim.`,
    )
  }
  return new Map(senders.map((name, index) => [name, index + 1]))
}

/** The nft commands that make a node's kernel mark what it sends, and refuse what is blocked. */
export function blockRuleset(node: string, blocks: readonly Block[]): string {
  const marks = marksOf(blocks)
  const own = marks.get(node)
  const incoming = blocks.filter(({ to }) => to === node)
  const rules = incoming.flatMap(({ from, by, port }) => {
    const match = `ip dscp ${marks.get(from)}`
    return portMatches(port).flatMap((ports) =>
      verdicts(by, port).map((end) => `${match} ${ports}${end}`),
    )
  })
  return [
    // The first line makes it where it is not there yet, so that the second cannot fail.
    `table ip ${BLOCK_TABLE}`,
    `delete table ip ${BLOCK_TABLE}`,
    ...(own === undefined && rules.length === 0
      ? []
      : [
          `table ip ${BLOCK_TABLE} {`,
          ...(own === undefined
            ? []
            : [`chain out { type filter hook output priority mangle; ip dscp set ${own}; }`]),
          ...(rules.length === 0
            ? []
            : [
                'chain in {',
                'type filter hook input priority filter;',
                ...rules.map((rule) => `${rule};`),
                '}',
              ]),
          '}',
        ]),
    '',
  ].join('\n')
}

function portMatches(port: BlockedPort | null): string[] {
  if (port === null) return ['']
  return ['sport', 'dport'].map((side) => `${port.protocol} ${side} ${port.port} `)
}

/** ICMP passes, as errors must; only TCP knows a reset. */
function verdicts(by: BlockWay, port: BlockedPort | null): string[] {
  const tcp = port === null ? 'meta l4proto tcp ' : ''
  const any = port === null ? 'meta l4proto { tcp, udp } ' : ''
  if (by === 'drop') return [`${any}drop`]
  if (by === 'icmp') return [`${any}reject with icmp host-unreachable`]
  const reset = port?.protocol === 'udp' ? [] : [`${tcp}reject with tcp reset`]
  return [
    ...reset,
    ...(port?.protocol === 'tcp' ? [] : [`${any}reject with icmp port-unreachable`]),
  ]
}
