import { defineExpectation } from '../expectation.ts'
import { checkView, DIALABILITY_EVENTS, excludesView } from '../sighting.ts'
import { name } from '../values.ts'

export const unreachable = defineExpectation({
  word: 'unreachable',
  doc: 'The observer reaches the node on a fresh connection to none of the addresses that the node announces, listed or not.',
  fields: { observer: name, unreachable: name },
  plan: ({ observer, unreachable }) => ({ observer, target: unreachable }),
  text: ({ observer, target }) => `${observer} cannot reach ${target}`,
  expected: () => 'no address reached',
  isState: true,
  isNegative: true,
  wakes: DIALABILITY_EVENTS,
  check: (view, scene) => checkView('unreachable', view, scene, 'running'),
  excludes: (view, other) => excludesView(view, other, ({ word }) => word === 'dialable'),
  async look({ observer, target }, nodes, options) {
    const { announced } = await nodes.api(target).status(options)
    const dials = await Promise.all(
      announced.map((address) => nodes.api(observer).dial(address, options)),
    )
    const reached = dials.filter(({ ok }) => ok).map(({ address }) => address)
    if (reached.length > 0) return { holds: false, seen: `reached at ${reached.join(', ')}` }
    if (dials.length === 0) return { holds: true, seen: `${target} announces no address` }
    const kinds = new Set(dials.map(({ kind }) => kind ?? 'failed'))
    return { holds: true, seen: `no address reached: ${[...kinds].join(', ')}` }
  },
})
