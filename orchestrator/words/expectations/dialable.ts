import { defineExpectation } from '../expectation.ts'
import {
  because,
  checkView,
  DIALABILITY_EVENTS,
  DIALABLE,
  excludesView,
  inWords,
  lookAtPresent,
  mustNotBePaused,
} from '../sighting.ts'
import { name } from '../values.ts'

export const dialable = defineExpectation({
  word: 'dialable',
  doc: 'The observer reaches the node on a fresh connection to an address under which it lists it.',
  fields: { observer: name, dialable: name },
  plan: ({ observer, dialable }) => ({ observer, target: dialable }),
  text: ({ observer, target }) => `${observer} can dial ${target}`,
  expected: () => 'dialable',
  isState: true,
  wakes: DIALABILITY_EVENTS,
  check(view, scene) {
    checkView('dialable', view, scene, 'running')
    mustNotBePaused('dialable', view.target, scene, 'answers nobody')
  },
  excludes: (view, other) =>
    excludesView(view, other, ({ word }) => word === 'not-dialable' || word === 'not-lists'),
  look: (view, nodes, options) =>
    lookAtPresent(view, nodes, { ...options, dialBack: true }, (sighting) => ({
      holds: sighting.dialable === true,
      seen: inWords(sighting.dialable, DIALABLE) + because(sighting),
    })),
})
