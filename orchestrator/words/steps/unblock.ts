import { defineStep } from '../step.ts'
import { name } from '../values.ts'
import { pairOf } from './block.ts'

export const unblock = defineStep({
  word: 'unblock',
  doc: 'Lets packets pass between two nodes again, both ways, whatever blocked them.',
  fields: { unblock: name, from: name },
  plan: ({ unblock: one, from: other }) => [{ pair: [one, other] as [string, string] }],
  text: ({ pair: [one, other] }) => `unblock ${one} from ${other}`,
  hasResult: false,
  needs: 'blocks',
  check({ unblock: one, from: other }, scene) {
    const known = [scene.isNode('unblock', one), scene.isNode('from', other)].every(Boolean)
    if (known && !scene.blocked.delete(pairOf(one, other))) {
      scene.fault('unblock', `impossible: nothing is blocked between ${one} and ${other} here`)
    }
  },
  async run({ pair }, lab) {
    await lab.unblock(pair)
    return true
  },
})
