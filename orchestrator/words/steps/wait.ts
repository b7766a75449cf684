import { defineStep } from '../step.ts'
import { durationInWords, patience } from '../values.ts'

export const wait = defineStep({
  word: 'wait',
  doc: 'Lets time pass: simulated time on the sim, which costs next to nothing; real time elsewhere.',
  fields: { wait: patience },
  plan: ({ wait }) => [{ durationMs: wait }],
  text: ({ durationMs }) => `wait ${durationInWords(durationMs)}`,
  hasResult: false,
  changesNothing: true,
  check() {},
  async run({ durationMs }, lab) {
    await lab.wait(durationMs)
    return true
  },
})
