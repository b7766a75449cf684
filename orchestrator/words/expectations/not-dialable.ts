import { defineExpectation } from '../expectation.ts'
import {
  because,
  causeFits,
  checkView,
  DIALABILITY_EVENTS,
  DIALABLE,
  excludesView,
  inWords,
  lookAtSighting,
} from '../sighting.ts'
import { cause, name } from '../values.ts'

export const notDialable = defineExpectation({
  word: 'not-dialable',
  doc: 'The observer cannot reach the node on a fresh connection, for this cause.',
  fields: { observer: name, 'not-dialable': name, cause },
  plan: ({ observer, 'not-dialable': target, cause = null }) => ({ observer, target, cause }),
  text: (view) => `${view.observer} cannot dial ${view.target}${because(view)}`,
  expected: (view) => `not dialable${because(view)}`,
  isState: true,
  isNegative: true,
  wakes: DIALABILITY_EVENTS,
  check: (view, scene) => checkView('not-dialable', view, scene, null),
  excludes: (view, other) => excludesView(view, other, () => false),
  look: (view, nodes, options) =>
    lookAtSighting(view, nodes, { ...options, dialBack: true }, (sighting) => ({
      // Not tried is not failed.
      holds: sighting.dialable === false && causeFits(view, sighting),
      seen: inWords(sighting.dialable, DIALABLE) + because(sighting),
    })),
})
