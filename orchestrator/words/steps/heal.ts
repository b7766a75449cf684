import { z } from 'zod'
import { defineStep } from '../step.ts'

export const heal = defineStep({
  word: 'heal',
  doc: 'Ends every partition and every block.',
  fields: { heal: z.literal('all', 'all') },
  plan: () => [{}],
  text: () => 'heal: everybody reaches everybody again',
  hasResult: false,
  needs: 'blocks',
  check(_spec, scene) {
    if (scene.blocked.size === 0) scene.fault('heal', 'impossible: nothing is blocked here')
    scene.blocked.clear()
  },
  async run(_step, lab) {
    await lab.heal()
    return true
  },
})
