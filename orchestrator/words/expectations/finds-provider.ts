import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { defineExpectation } from '../expectation.ts'
import { RECORD_EVENTS } from '../records.ts'
import { key, name } from '../values.ts'

export const findsProvider = defineExpectation({
  word: 'finds-provider',
  doc: 'The node finds that the provider provides the key, and reaches the provider.',
  fields: { node: name, 'finds-provider': key, provider: name },
  plan: ({ node, 'finds-provider': key, provider }) => ({ observer: node, target: provider, key }),
  text: ({ observer, target, key }) => `${observer} finds that ${target} provides ${key}`,
  expected: ({ target }) => target,
  isState: false,
  wakes: RECORD_EVENTS,
  check({ observer, target, key }, scene) {
    scene.mustRun('node', observer)
    scene.mustFit('finds-provider', observer, key, null)
    if (!scene.isNode('provider', target)) return
    const missing = scene.stored.missingProvider(key, target)
    if (missing !== null) scene.fault('finds-provider', `impossible: ${missing}`)
  },
  async look({ observer, target, key }, nodes, options) {
    const providers = await nodes.api(observer).providers(key, options)
    const names = providers.map((peerId) => nodes.nameOf(peerId))
    const seen = names.length === 0 ? 'no provider' : names.join(', ')
    const provider = nodes.peerId(target)
    if (!providers.includes(provider)) return { holds: false, seen }
    const isReachable = await canReach(nodes.api(observer), provider, options)
    return isReachable ? { holds: true, seen } : { holds: false, seen: `${seen}, out of reach` }
  },
})

/** Whether the node has a connection to a provider, or gets one: a provider that nobody can dial is of use to nobody. */
async function canReach(api: NodeApi, peerId: string, options: AbortOptions): Promise<boolean> {
  const sightings = await api.discovery({ ...options, targets: [peerId] })
  const sighting = sightings.find((each) => each.peerId === peerId)
  // What another implementation does not say is not held against it.
  if (sighting !== undefined && sighting.connected !== false) return true
  return (await api.dial(`/p2p/${peerId}`, options)).ok
}
