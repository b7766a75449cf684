import { defineExpectation } from '../expectation.ts'
import {
  because,
  checkView,
  CONNECTED,
  excludesView,
  inWords,
  lookAtPresent,
  rungOf,
  SIGHTING_EVENTS,
} from '../sighting.ts'
import { name } from '../values.ts'

export const connected = defineExpectation({
  word: 'connected',
  doc: 'The observer has a connection to the node, and not one from before it was last started.',
  fields: { observer: name, connected: name },
  plan: ({ observer, connected }) => ({ observer, target: connected }),
  text: ({ observer, target }) => `${observer} is connected to ${target}`,
  expected: () => 'connected',
  isState: true,
  wakes: SIGHTING_EVENTS,
  check: (view, scene) => checkView('connected', view, scene, 'running'),
  excludes: (view, other) => excludesView(view, other, (other) => rungOf(other) === 'unknown'),
  look: (view, nodes, options) =>
    lookAtPresent(view, nodes, { ...options, dialBack: false }, (sighting) => {
      const holds = sighting.connected === true
      return {
        holds,
        seen: inWords(sighting.connected, CONNECTED) + (holds ? '' : because(sighting)),
      }
    }),
})
