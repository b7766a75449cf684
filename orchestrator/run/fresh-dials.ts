import type { NodeApi } from '#node/api/node-api.ts'
import type { Doubts } from './doubts.ts'

/** A node's API that dials everybody back anew where what dial-backs found before may not be so any more. */
export function withFreshDials(api: NodeApi, node: string, doubts: Doubts): NodeApi {
  return {
    ...api,
    async discovery(options = {}) {
      if (options.dialBack !== true || !doubts.hasOldDials(node)) return api.discovery(options)
      const sightings = await api.discovery({ ...options, again: true })
      doubts.redialled(node)
      return sightings
    },
  }
}
