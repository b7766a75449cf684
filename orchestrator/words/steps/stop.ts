import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const stop = defineStep({
  word: 'stop',
  doc: 'Ends a node as an operator would.',
  fields: { stop: name },
  plan: ({ stop }) => [{ node: stop }],
  text: ({ node }) => `stop ${node}`,
  hasResult: false,
  check({ stop }, scene) {
    scene.mustRun('stop', stop)
    scene.running.delete(stop)
  },
  async run({ node }, lab) {
    await lab.stop(node)
    return true
  },
})
