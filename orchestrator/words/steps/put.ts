import { otherPeers } from '../records.ts'
import { defineStep } from '../step.ts'
import { DEFAULT_WITHIN_MS, key, name, value, within } from '../values.ts'

export const put = defineStep({
  word: 'put',
  doc: 'Stores a value under a key.',
  fields: { node: name, put: key, value, within },
  plan: ({ node, put, value, within = DEFAULT_WITHIN_MS }) => [
    { node, key: put, value, withinMs: within },
  ],
  text: ({ node, key }) => `${node} puts ${key}`,
  hasResult: true,
  check({ node, put, value }, scene) {
    scene.mustRun('node', node)
    scene.mustFit('put', node, put, value)
    scene.stored.put(put, value)
  },
  run: ({ node, key, value, withinMs }, lab) =>
    lab.attempt(withinMs, async (signal) => {
      const { copies } = await lab.api(node).put(key, new TextEncoder().encode(value), { signal })
      return `stored on ${otherPeers(copies)}`
    }),
})
