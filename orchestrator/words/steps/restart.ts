import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const restart = defineStep({
  word: 'restart',
  doc: 'Ends a node and starts it again.',
  fields: { restart: name },
  plan: ({ restart }) => [{ node: restart }],
  text: ({ node }) => `restart ${node}`,
  hasResult: false,
  check: ({ restart }, scene) => scene.mustRun('restart', restart),
  async run({ node }, lab) {
    await lab.stop(node)
    await lab.start(node)
    return true
  },
})
