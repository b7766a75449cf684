import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const kill = defineStep({
  word: 'kill',
  doc: 'Ends a node without a goodbye, as the kernel does that is short of memory (SIGKILL).',
  fields: { kill: name },
  plan: ({ kill }) => [{ node: kill }],
  text: ({ node }) => `kill ${node}`,
  hasResult: false,
  check({ kill }, scene) {
    if (!scene.paused.delete(kill)) scene.mustRun('kill', kill)
    scene.running.delete(kill)
  },
  async run({ node }, lab) {
    await lab.kill(node)
    return true
  },
})
