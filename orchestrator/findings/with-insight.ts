import type { NodeApi } from '#node/api/node-api.ts'
import type { Insight } from './insight.ts'
import { refine, twinOf } from './refine.ts'

/** A node's API whose sightings know what the lab knows. */
export function withInsight(api: NodeApi, observer: string, insight: Insight): NodeApi {
  const discovery: NodeApi['discovery'] = async (options) => {
    const seen = await api.discovery(options)
    const twins = (options?.targets ?? [])
      .filter((peerId) => !seen.some((sighting) => sighting.peerId === peerId))
      .flatMap((peerId) => twinOf(peerId, observer, insight) ?? [])
    return [...seen.map((sighting) => refine(sighting, observer, insight)), ...twins]
  }
  return new Proxy(api, {
    get(target, name) {
      if (name === 'discovery') return discovery
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
