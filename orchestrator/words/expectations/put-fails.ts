import { describeError } from '#node/base/errors.ts'
import { defineExpectation } from '../expectation.ts'
import { otherPeers, RECORD_EVENTS } from '../records.ts'
import { key, name, value } from '../values.ts'

export const putFails = defineExpectation({
  word: 'put-fails',
  doc: 'A put on the node is refused, because too few peers store it.',
  fields: { node: name, 'put-fails': key, value },
  plan: ({ node, 'put-fails': key, value }) => ({ observer: node, key, value }),
  text: ({ observer, key }) => `a put of ${key} on ${observer} is refused`,
  expected: () => 'refused',
  isState: false,
  wakes: RECORD_EVENTS,
  check({ observer, key, value }, scene) {
    scene.mustRun('node', observer)
    scene.mustFit('put-fails', observer, key, value)
  },
  // A refused put keeps its copy, which the expectations beside it may find.
  leaves: ({ key, value }, scene) => scene.stored.put(key, value),
  async look({ observer, key, value }, nodes, options) {
    const api = nodes.api(observer)
    try {
      const { copies } = await api.put(key, new TextEncoder().encode(value), options)
      return { holds: false, seen: `stored on ${otherPeers(copies)}`, final: true }
    } catch (error) {
      options.signal?.throwIfAborted()
      // Anything else (the node is gone, the call timed out) is no refusal.
      const refused = error instanceof Error && error.name === 'StoreError'
      const seen = `${refused ? 'refused: ' : ''}${describeError(error)}`
      return { holds: refused, seen, final: true }
    }
  },
})
