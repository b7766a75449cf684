import type { NodeApi } from '#node/api/node-api.ts'
import type { Doubts } from './doubts.ts'

/**
 * A node's API that dials targets back anew as long as what dial-backs found may not be so any more: since the networks
 * changed, until it reaches them.
 *
 * @param nameOf the node of a peer id
 */
export function withFreshDials(
  api: NodeApi,
  node: string,
  doubts: Doubts,
  nameOf: (peerId: string) => string,
): NodeApi {
  return {
    ...api,
    async discovery(options = {}) {
      const { dialBack = false, targets = [] } = options
      const doubted = targets.filter((peerId) => doubts.hasOldDials(node, nameOf(peerId)))
      if (!dialBack || doubted.length === 0) return api.discovery(options)
      const anew = await api.discovery({ ...options, targets: doubted, again: true })
      for (const { peerId, dialable } of anew) {
        if (dialable === true && doubted.includes(peerId)) doubts.reached(node, nameOf(peerId))
      }
      return doubted.length === targets.length ? anew : api.discovery(options)
    },
  }
}
