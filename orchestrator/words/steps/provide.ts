import { KadlabError } from '#node/base/errors.ts'
import { otherPeers } from '../records.ts'
import { defineStep } from '../step.ts'
import { DEFAULT_WITHIN_MS, key, name, within } from '../values.ts'

/** A provider record that is on no other peer: nobody finds it. */
export class NobodyToldError extends KadlabError {
  static override readonly name = 'NobodyToldError'
}

export const provide = defineStep({
  word: 'provide',
  doc: 'Announces on the DHT that the node provides the key.',
  fields: { node: name, provide: key, within },
  plan: ({ node, provide, within = DEFAULT_WITHIN_MS }) => [
    { node, key: provide, withinMs: within },
  ],
  text: ({ node, key }) => `${node} provides ${key}`,
  hasResult: true,
  check({ node, provide }, scene) {
    scene.mustRun('node', node)
    scene.mustFit('provide', node, provide, null)
    scene.stored.provide(provide, node)
  },
  run: ({ node, key, withinMs }, lab) =>
    lab.attempt(withinMs, async (signal) => {
      const { told } = await lab.api(node).provide(key, { signal })
      if (told === 0) throw new NobodyToldError('announced to no other peer')
      return `announced to ${otherPeers(told)}`
    }),
})
