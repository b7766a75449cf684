import { defineExpectation } from '../expectation.ts'
import { RECORD_EVENTS } from '../records.ts'
import { key, name } from '../values.ts'

export const findsProvider = defineExpectation({
  word: 'finds-provider',
  doc: 'The node finds that the provider provides the key.',
  fields: { node: name, 'finds-provider': key, provider: name },
  plan: ({ node, 'finds-provider': key, provider }) => ({ observer: node, target: provider, key }),
  text: ({ observer, target, key }) => `${observer} finds that ${target} provides ${key}`,
  expected: ({ target }) => target,
  isState: false,
  wakes: RECORD_EVENTS,
  check({ observer, target, key }, scene) {
    scene.mustRun('node', observer)
    if (!scene.isNode('provider', target)) return
    const missing = scene.stored.missingProvider(key, target)
    if (missing !== null) scene.fault('finds-provider', `impossible: ${missing}`)
  },
  async look({ observer, target, key }, nodes, options) {
    const providers = await nodes.api(observer).providers(key, options)
    const names = providers.map((peerId) => nodes.nameOf(peerId))
    const seen = names.length === 0 ? 'no provider' : names.join(', ')
    return { holds: providers.includes(nodes.peerId(target)), seen }
  },
})
