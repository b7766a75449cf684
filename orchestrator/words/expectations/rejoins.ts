import { defineExpectation } from '../expectation.ts'
import {
  because,
  checkView,
  CONNECTED,
  excludesView,
  inWords,
  lookAtSighting,
  SIGHTING_EVENTS,
} from '../sighting.ts'
import { name } from '../values.ts'

export const rejoins = defineExpectation({
  word: 'rejoins',
  doc: 'The observer has a connection to the node that began after the last step which changed something (a restart, say).',
  fields: { observer: name, rejoins: name },
  plan: ({ observer, rejoins }) => ({ observer, target: rejoins }),
  text: ({ observer, target }) => `${observer} is connected to ${target} anew`,
  expected: () => 'connected since the last change',
  isState: true,
  wakes: SIGHTING_EVENTS,
  check: (view, scene) => checkView('rejoins', view, scene, 'running'),
  excludes: (view, other) => excludesView(view, other, ({ word }) => word === 'not-connected'),
  look: (view, nodes, options) =>
    lookAtSighting(view, nodes, { ...options, dialBack: false }, (sighting) => {
      const isNew = nodes.connectedSinceChange(view.observer, view.target)
      const seen = inWords(sighting.connected, CONNECTED)
      if (sighting.connected !== true) return { holds: false, seen: seen + because(sighting) }
      return { holds: isNew, seen: isNew ? `${seen} anew` : `${seen} since before the last change` }
    }),
})
