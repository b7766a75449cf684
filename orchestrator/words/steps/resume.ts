import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const resume = defineStep({
  word: 'resume',
  doc: 'Lets a node that is paused go on: it handles what has come meanwhile.',
  fields: { resume: name },
  plan: ({ resume }) => [{ node: resume }],
  text: ({ node }) => `resume ${node}`,
  hasResult: false,
  check({ resume }, scene) {
    if (!scene.isNode('resume', resume) || scene.paused.delete(resume)) return
    scene.fault('resume', `${resume} is not paused at this step of variant ${scene.variant}`)
  },
  async run({ node }, lab) {
    await lab.resume(node)
    return true
  },
})
