import { withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import { listText } from '#node/view/text.ts'
import { defineExpectation } from '../expectation.ts'
import { multiaddress, name } from '../values.ts'

export const announces = defineExpectation({
  word: 'announces',
  doc: 'The node announces this address to others, beside others or alone.',
  fields: { node: name, announces: multiaddress },
  plan: ({ node, announces }) => ({ observer: node, address: announces }),
  text: ({ observer, address }) => `${observer} announces ${address}`,
  expected: ({ address }) => address,
  isState: true,
  wakes: new Set(['start', 'announcing'] as const),
  check: ({ observer }, scene) => scene.mustRun('node', observer),
  async look({ observer, address }, nodes, options) {
    const { announced } = await nodes.api(observer).status(options)
    const bare = announced.map(withoutPeerId)
    return {
      holds: bare.includes(address),
      seen: bare.length === 0 ? 'no address' : listText(bare),
    }
  },
})
