import { reaches } from '#node/judgement/ladder.ts'
import { defineExpectation } from '../expectation.ts'
import {
  because,
  checkView,
  excludesView,
  inWords,
  LISTED,
  lookAtPresent,
  rungOf,
  SIGHTING_EVENTS,
} from '../sighting.ts'
import { name } from '../values.ts'

export const lists = defineExpectation({
  word: 'lists',
  doc: "The node is in the observer's routing table, and they have met since it was last started.",
  fields: { observer: name, lists: name },
  plan: ({ observer, lists }) => ({ observer, target: lists }),
  text: ({ observer, target }) => `${observer} lists ${target}`,
  expected: () => 'listed',
  isState: true,
  wakes: SIGHTING_EVENTS,
  // A node that stopped may stay listed.
  check: (view, scene) => checkView('lists', view, scene, 'hasRun'),
  excludes: (view, other) =>
    excludesView(view, other, (other) => {
      const rung = rungOf(other)
      return other.word === 'not-lists' || (rung !== null && !reaches(rung, 'listed'))
    }),
  look: (view, nodes, options) =>
    lookAtPresent(view, nodes, { ...options, dialBack: false }, (sighting) => {
      const holds = sighting.listed === true
      return { holds, seen: inWords(sighting.listed, LISTED) + (holds ? '' : because(sighting)) }
    }),
})
