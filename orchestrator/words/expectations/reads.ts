import { defineExpectation } from '../expectation.ts'
import { RECORD_EVENTS } from '../records.ts'
import { key, name, value } from '../values.ts'

export const reads = defineExpectation({
  word: 'reads',
  doc: 'The node finds this value under the key.',
  fields: { node: name, reads: key, value },
  plan: ({ node, reads, value }) => ({ observer: node, key: reads, value }),
  text: ({ observer, key }) => `${observer} reads ${key}`,
  expected: ({ value }) => `'${value}'`,
  isState: false,
  wakes: RECORD_EVENTS,
  check({ observer, key, value }, scene) {
    scene.mustRun('node', observer)
    scene.mustFit('reads', observer, key, value)
    const missing = scene.stored.missingValue(key, value)
    if (missing !== null) scene.fault('reads', `impossible: ${missing}`)
  },
  // A node finds one value under a key.
  excludes: ({ observer, key, value }, other) =>
    other.word === 'reads' &&
    other.observer === observer &&
    other.key === key &&
    (other as { value?: unknown }).value !== value,
  async look({ observer, key, value }, nodes, options) {
    const outcome = await nodes.api(observer).get(key, options)
    if (outcome === null) return { holds: false, seen: 'no record' }
    const found = new TextDecoder().decode(outcome.value)
    return { holds: found === value, seen: `'${found}'` }
  },
})
