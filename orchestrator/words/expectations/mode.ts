import { z } from 'zod'
import { defineExpectation } from '../expectation.ts'
import { name } from '../values.ts'

const MODES = ['client', 'server'] as const

export const mode = defineExpectation({
  word: 'mode',
  doc: 'The node runs Kademlia in this mode.',
  fields: { node: name, mode: z.enum(MODES) },
  plan: ({ node, mode }) => ({ observer: node, mode }),
  text: ({ observer, mode }) => `${observer} is a Kademlia ${mode}`,
  expected: ({ mode }) => mode,
  isState: true,
  wakes: new Set(['start', 'mode'] as const),
  check: ({ observer }, scene) => scene.mustRun('node', observer),
  excludes: ({ observer, mode }, other) =>
    other.word === 'mode' &&
    other.observer === observer &&
    (other as { mode?: unknown }).mode !== mode,
  async look({ observer, mode }, nodes, options) {
    const status = await nodes.api(observer).status(options)
    return { holds: status.mode === mode, seen: status.mode }
  },
})
