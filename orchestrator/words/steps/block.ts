import { z } from 'zod'
import { BLOCK_WAYS } from '#orchestrator/net/block.ts'
import { defineStep } from '../step.ts'
import { name, port } from '../values.ts'

export const block = defineStep({
  word: 'block',
  doc: 'Lets no packet pass between two nodes, as a firewall on the way would; what is open between them goes silent, or breaks.',
  fields: {
    block: name,
    from: name,
    by: z
      .enum(BLOCK_WAYS)
      .describe('What answers: nobody (drop), a TCP reset, or an ICMP error. Default drop.')
      .optional(),
    port: port.describe('Only packets from or to this port. Default: all.').optional(),
    'one-way': z
      .boolean()
      .describe('Only what the first of the two sends. Default false: both ways.')
      .optional(),
  },
  plan: ({ block: one, from: other, by = 'drop', port = null, 'one-way': oneWay = false }) => {
    const there = { from: one, to: other, by, port }
    return [{ blocks: oneWay ? [there] : [there, { ...there, from: other, to: one }] }]
  },
  text: ({ blocks: [there, back] }) => {
    if (there === undefined) return 'block nothing'
    const { from, to, by, port } = there
    const what = port === null ? '' : ` ${port.protocol}/${port.port}`
    const way = back === undefined ? `what ${from} sends to ${to}` : `${from} from ${to}`
    return `block${what} ${way}${by === 'drop' ? '' : `, by ${by}`}`
  },
  hasResult: false,
  needs: 'blocks',
  check({ block: one, from: other }, scene) {
    const known = [scene.isNode('block', one), scene.isNode('from', other)].every(Boolean)
    if (known && one === other) scene.fault('from', `impossible: ${one} is not on a way to itself`)
    scene.blocked.add(pairOf(one, other))
  },
  async run({ blocks }, lab) {
    await lab.block(blocks)
    return true
  },
})

/** Two nodes in whatever order. */
export function pairOf(...names: [one: string, other: string]): string {
  return names.toSorted().join(' ')
}
