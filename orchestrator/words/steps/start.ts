import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const start = defineStep({
  word: 'start',
  doc: 'Starts a node that does not run.',
  fields: { start: name },
  plan: ({ start }) => [{ node: start }],
  text: ({ node }) => `start ${node}`,
  hasResult: false,
  check({ start }, scene) {
    if (!scene.isNode('start', start)) return
    if (scene.running.has(start)) {
      scene.fault(
        'start',
        `${start} runs already at this step of variant ${scene.variant}: give it autostart: false, or restart it`,
      )
    }
    scene.running.add(start)
    scene.hasRun.add(start)
  },
  async run({ node }, lab) {
    await lab.start(node)
    return true
  },
})
