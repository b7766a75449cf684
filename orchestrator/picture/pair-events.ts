import { countBefore, type EventIndex, type PlacedEvent } from './event-index.ts'
import type { VariantPicture } from './picture.ts'

/**
 * The very events of a pair, in order: what each of the two said of the other.
 *
 * @param count - of the run's events, only so many are looked at
 */
export function pairEvents(
  index: EventIndex,
  { name, nodes }: Pick<VariantPicture, 'name' | 'nodes'>,
  { observer, target }: { observer: string; target: string },
  count: number,
): PlacedEvent[] {
  const saidOf = (node: string, other: string): readonly PlacedEvent[] => {
    const peer = nodes.find(({ plan }) => plan.name === other)?.plan.peerId
    if (peer === undefined) return []
    const all = index.ofPeer(name, node, peer)
    return all.slice(0, countBefore(all, count))
  }
  return [...saidOf(observer, target), ...saidOf(target, observer)].toSorted(
    (one, next) => one.index - next.index,
  )
}
