import { CAUSES } from '#node/judgement/causes.ts'
import { reaches } from '#node/judgement/ladder.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { defineExpectation } from '../expectation.ts'
import {
  because,
  causeFits,
  checkView,
  excludesView,
  inWords,
  LISTED,
  lookAtSighting,
  rungOf,
  SIGHTING_EVENTS,
} from '../sighting.ts'
import { cause, name } from '../values.ts'

export const notLists = defineExpectation({
  word: 'not-lists',
  doc: "The node is known not to be in the observer's routing table, for this cause.",
  fields: { observer: name, 'not-lists': name, cause },
  plan: ({ observer, 'not-lists': target, cause = null }) => ({ observer, target, cause }),
  text: (view) => `${view.observer} does not list ${view.target}${because(view)}`,
  expected: (view) => `not listed${because(view)}`,
  isState: true,
  isNegative: true,
  wakes: SIGHTING_EVENTS,
  check(view, scene) {
    checkView('not-lists', view, scene, null)
    const rung = rungOf(view)
    if (rung === null || !reaches(rung, 'listed')) return
    scene.fault(
      'cause',
      `impossible: a target with cause ${view.cause} is listed (it stands on rung ${rung})`,
    )
  },
  excludes: (view, other) =>
    excludesView(view, other, (other) => {
      const rung = rungOf(other)
      return rung !== null && reaches(rung, 'listed')
    }),
  look: (view, nodes, options) =>
    lookAtSighting(view, nodes, { ...options, dialBack: false }, (sighting) => ({
      holds: sighting.listed === false && causeFits(view, sighting),
      seen: inWords(sighting.listed, LISTED) + because(sighting) + worth(sighting),
    })),
})

/** Who was never met is in no table: that tells nothing of whether it would be. */
function worth({ listed, cause }: Sighting): string {
  const neverMet = listed !== true && cause !== null && CAUSES[cause].passes === 'perhaps'
  return neverMet ? '; they never met, which proves nothing' : ''
}
