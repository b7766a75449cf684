import { defineExpectation } from '../expectation.ts'
import { checkView } from '../sighting.ts'
import { name } from '../values.ts'

export const neverDials = defineExpectation({
  word: 'never-dials',
  doc: 'The observer has not dialled the node since it was last started; with stays, it does not for so long.',
  fields: { observer: name, 'never-dials': name },
  plan: ({ observer, 'never-dials': target }) => ({ observer, target }),
  text: ({ observer, target }) => `${observer} never dials ${target}`,
  expected: () => 'not dialled',
  isState: true,
  isNegative: true,
  wakes: new Set(['connected', 'dial-failed'] as const),
  check: (view, scene) => checkView('never-dials', view, scene, null),
  look: async ({ observer, target }, nodes) =>
    nodes.hasDialled(observer, target)
      ? { holds: false, seen: 'dialled', final: true }
      : { holds: true, seen: 'not dialled' },
})
