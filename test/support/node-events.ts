import type { NodeApi } from '#node/api/node-api.ts'
import type { NodeEvent } from '#node/events/node-event.ts'

/** What is awaited comes within moments; a node that is broken must not hold the tests up for long. */
const PATIENCE_MS = 30_000

/** A node of whatever kind, as its API shows it. */
export interface Told {
  api: Pick<NodeApi, 'events' | 'status'>
}

/** The first event of a node, since its start or still to come, for which `matches` is true. */
export async function eventOf<Kind extends NodeEvent['event']>(
  node: Told,
  event: Kind,
  matches: (event: Extract<NodeEvent, { event: Kind }>) => boolean = () => true,
): Promise<Extract<NodeEvent, { event: Kind }>> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for await (const seen of node.api.events({ since: 0, signal })) {
    if (seen.event !== event) continue
    const candidate = seen as Extract<NodeEvent, { event: Kind }>
    if (matches(candidate)) return candidate
  }
  throw new Error(`the node never told of ${event}, or ended before`)
}

/** Resolves once each of two nodes has listed the other. */
export async function listEachOther(one: Told, other: Told): Promise<void> {
  const untilListed = async (observer: Told, target: Told): Promise<void> => {
    const { peerId } = await target.api.status()
    await eventOf(observer, 'listed', ({ peer }) => peer === peerId)
  }
  await Promise.all([untilListed(one, other), untilListed(other, one)])
}
