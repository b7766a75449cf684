import { defineExpectation } from '../expectation.ts'
import { RECORD_EVENTS } from '../records.ts'
import { key, name, value } from '../values.ts'

export const notReads = defineExpectation({
  word: 'not-reads',
  doc: 'The node finds nothing under the key, or, where a value is named, not this value.',
  fields: {
    node: name,
    'not-reads': key,
    value: value.describe('Only this value must not be found. Default: any.').optional(),
  },
  plan: ({ node, 'not-reads': key, value = null }) => ({ observer: node, key, value }),
  text: ({ observer, key, value }) =>
    value === null
      ? `${observer} does not read ${key}`
      : `${observer} does not read '${value}' under ${key}`,
  expected: ({ value }) => (value === null ? 'no record' : `not '${value}'`),
  isState: true,
  isNegative: true,
  wakes: RECORD_EVENTS,
  check({ observer, key, value }, scene) {
    scene.mustRun('node', observer)
    scene.mustFit('not-reads', observer, key, value)
    // What nobody stored nobody reads, and a slip of the pen looks the same.
    const missing = scene.stored.missingKey(key)
    if (missing !== null) scene.fault('not-reads', `proves nothing: ${missing}`)
  },
  excludes: ({ observer, key, value }, other) =>
    other.word === 'reads' &&
    other.observer === observer &&
    other.key === key &&
    (value === null || (other as { value?: unknown }).value === value),
  async look({ observer, key, value }, nodes, options) {
    const outcome = await nodes.api(observer).get(key, options)
    if (outcome === null) return { holds: true, seen: 'no record' }
    const found = new TextDecoder().decode(outcome.value)
    return { holds: value !== null && found !== value, seen: `'${found}'` }
  },
})
