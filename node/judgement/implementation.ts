/** A libp2p implementation whose words a remedy can use. */
export type Implementation = 'kadlab' | 'kubo' | 'rust' | 'litep2p' | 'go' | 'js' | 'py' | 'unknown'

/**
 * How agents begin, or what stands in them. Each implementation sends its own name by default; a program may send any
 * other, and is unknown then.
 */
const AGENTS: readonly (readonly [Implementation, RegExp])[] = [
  ['kadlab', /^kadlab(?:\/|$)/],
  ['kubo', /^(?:kubo|go-ipfs)\//],
  ['py', /^py-libp2p\//],
  ['litep2p', /^litep2p\//],
  ['rust', /rust-libp2p/],
  ['go', /go-libp2p/],
  // helia, and programs that put their name before the library's
  ['js', /js-libp2p|^helia\//],
  // A go program without an agent of its own sends the path of its module, and a version or nothing behind the `@`.
  ['go', /^[\w.~-]+(?:\/[\w.~-]+)*@(?:v\d\S*|\(devel\)\S*|[0-9a-f]{7,40}(?:-dirty)?)?$/],
]

/**
 * Tells the implementation from identify's agent string; a program that gives itself a name of its own is unknown.
 *
 * @param agent null where none was sent
 */
export function implementationOf(agent: string | null): Implementation {
  if (agent === null) return 'unknown'
  return AGENTS.find(([, agents]) => agents.test(agent))?.[0] ?? 'unknown'
}
