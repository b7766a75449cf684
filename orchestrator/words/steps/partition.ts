import { z } from 'zod'
import { nameOrEach } from '../group.ts'
import { defineStep } from '../step.ts'
import { pairOf } from './block.ts'

/** Once groups are written out a part is a list of names. */
type Parts = string[][]

export const partition = defineStep({
  word: 'partition',
  doc: 'Splits the network: no packet passes between nodes of different parts. A node in no part reaches everybody.',
  fields: {
    partition: z
      .array(z.array(nameOrEach).min(1, 'at least one node'))
      .min(2, 'at least two parts')
      .describe('Parts, each a list of nodes or groups: [[A, B], [{ every: homes }]].'),
  },
  plan: ({ partition }) => {
    const parts = partition as Parts
    const blocks = parts.flatMap((part, at) =>
      parts
        .filter((_, other) => other !== at)
        .flatMap((others) =>
          part.flatMap((from) =>
            others.map((to) => ({ from, to, by: 'drop' as const, port: null })),
          ),
        ),
    )
    return [{ blocks, parts }]
  },
  text: ({ parts }) => `partition ${parts.map(partText).join(' | ')}`,
  hasResult: false,
  needs: 'blocks',
  check({ partition }, scene) {
    const parts = partition as Parts
    const where = new Map<string, number>()
    for (const [at, part] of parts.entries()) {
      for (const [index, node] of part.entries()) {
        const place = scene.at('partition', at)
        if (!place.isNode(String(index), node)) continue
        if (where.has(node))
          place.fault(index, `impossible: ${node} is in two places of a partition`)
        where.set(node, at)
      }
    }
    for (const [one, part] of where) {
      for (const [other, otherPart] of where) {
        if (part < otherPart) scene.blocked.add(pairOf(one, other))
      }
    }
  },
  async run({ blocks }, lab) {
    await lab.block(blocks)
    return true
  },
})

/** So many nodes of a part are named. */
const NAMED = 4

function partText(part: readonly string[]): string {
  const more = part.length - NAMED
  return more > 0 ? `${part.slice(0, NAMED).join(', ')} and ${more} more` : part.join(', ')
}
