import { otherPeers } from '../records.ts'
import { defineStep } from '../step.ts'
import { DEFAULT_WITHIN_MS, key, name, within } from '../values.ts'

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
    scene.stored.provide(provide, node)
  },
  run: ({ node, key, withinMs }, lab) =>
    lab.attempt(withinMs, async (signal) => {
      const { told } = await lab.api(node).provide(key, { signal })
      return `announced to ${otherPeers(told)}`
    }),
})
