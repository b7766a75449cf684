import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const pause = defineStep({
  word: 'pause',
  doc: 'Lets a node handle nothing any more (SIGSTOP), until it is resumed: its connections stay, it answers nobody.',
  fields: { pause: name },
  plan: ({ pause }) => [{ node: pause }],
  text: ({ node }) => `pause ${node}`,
  hasResult: false,
  check({ pause }, scene) {
    scene.mustRun('pause', pause)
    scene.paused.add(pause)
  },
  async run({ node }, lab) {
    await lab.pause(node)
    return true
  },
})
