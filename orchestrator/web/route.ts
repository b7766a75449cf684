/** What a page shows: a variant, a pair of it, or a node of it, at a moment; it stands in the address after `#`. */
export interface Route {
  /** Null: the newest variant. */
  variant: string | null
  /** A node, or the observer of a pair; null: the whole variant. */
  node: string | null
  /** The target of a pair; null: the node itself. */
  target: string | null
  /** How many events of the run have happened; null: all. */
  at: number | null
}

/** The whole of the newest variant. */
export const HOME: Route = { variant: null, node: null, target: null, at: null }

/** `#bug/A/B?at=31` as a route; what cannot be read is left out. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [variant, node, target] = path.split('/').map(decoded)
  const at = /^at=(\d{1,9})$/.exec(query)?.[1]
  return {
    variant: variant ?? null,
    node: node ?? null,
    target: target ?? null,
    at: at === undefined ? null : Number(at),
  }
}

/** The address of a route, beginning with `#`. */
export function routeHash({ variant, node, target, at }: Route): string {
  const words = [variant, node, target]
  const known = words.slice(0, words.includes(null) ? words.indexOf(null) : words.length)
  const path = known.map((word) => encodeURIComponent(word ?? '')).join('/')
  return `#${path}${at === null ? '' : `?at=${at}`}`
}

function decoded(word: string): string | null {
  if (word === '') return null
  try {
    return decodeURIComponent(word)
  } catch {
    // A link that was cut off in the middle of an escape.
    return null
  }
}
