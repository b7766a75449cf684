import { defineStep } from '../step.ts'
import { name } from '../values.ts'

export const renewIdentity = defineStep({
  word: 'renew-identity',
  doc: 'Ends a node and starts it again with a new key, as where its volume was lost: who knew it knows another peer.',
  fields: { 'renew-identity': name },
  plan: ({ 'renew-identity': node }) => [{ node }],
  text: ({ node }) => `restart ${node} with a new identity`,
  hasResult: false,
  check: ({ 'renew-identity': node }, scene) => scene.mustRun('renew-identity', node),
  async run({ node }, lab) {
    await lab.renewIdentity(node)
    return true
  },
})
