/** What a node says that it refused: how often, by series. */
export type Refused = Readonly<Record<string, number>>

const SERIES = /^kadlab_(?:(records|api)_)?refused_total\{(?:what|why)="([^"]+)"\} (\d+)$/gm

/** Reads the counters of refusals of a page of metrics: `connection`, `records full`, `api HostError`. */
export function refusedIn(metrics: string): Refused {
  const found = [...metrics.matchAll(SERIES)]
  return Object.fromEntries(
    found.map(([, kind, name = '', count]) => [
      kind === undefined ? name : `${kind} ${name}`,
      Number(count),
    ]),
  )
}

/** What was refused between two readings, without what was not. */
export function refusedSince(before: Refused, after: Refused): Refused {
  const changes = Object.entries(after).map(
    ([name, count]) => [name, count - (before[name] ?? 0)] as const,
  )
  return Object.fromEntries(changes.filter(([, count]) => count > 0))
}
