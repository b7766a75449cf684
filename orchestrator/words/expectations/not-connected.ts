import { defineExpectation } from '../expectation.ts'
import {
  because,
  causeFits,
  checkView,
  CONNECTED,
  excludesView,
  inWords,
  lookAtSighting,
  rungOf,
  SIGHTING_EVENTS,
} from '../sighting.ts'
import { cause, name } from '../values.ts'

export const notConnected = defineExpectation({
  word: 'not-connected',
  doc: 'The observer has no connection to the node, for this cause.',
  fields: { observer: name, 'not-connected': name, cause },
  plan: ({ observer, 'not-connected': target, cause = null }) => ({ observer, target, cause }),
  text: (view) => `${view.observer} is not connected to ${view.target}${because(view)}`,
  expected: (view) => `not connected${because(view)}`,
  isState: true,
  isNegative: true,
  wakes: SIGHTING_EVENTS,
  check(view, scene) {
    checkView('not-connected', view, scene, null)
    const rung = rungOf(view)
    // A node may be listed, and even dialable, without a connection at this moment.
    if (rung === null || rung === 'unknown' || rung === 'listed') return
    scene.fault(
      'cause',
      `impossible: a target with cause ${view.cause} is connected (it stands on rung ${rung})`,
    )
  },
  excludes: (view, other) => excludesView(view, other, ({ word }) => word === 'connected'),
  look: (view, nodes, options) =>
    lookAtSighting(view, nodes, { ...options, dialBack: false }, (sighting) => ({
      holds: sighting.connected === false && (view.cause === null || causeFits(view, sighting)),
      seen: inWords(sighting.connected, CONNECTED) + because(sighting),
    })),
})
