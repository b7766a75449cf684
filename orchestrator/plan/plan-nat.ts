import type { NatSpecWords, SiteSpec } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { type NatOverrides, type NatSpec, NatSpecError, presetRouters } from '../net/nat-spec.ts'
import type { AddressPair, Forward, NatConfig } from '../net/nat.ts'
import { listenPort } from './listen-port.ts'
import type { PlacedNode } from './plan-addresses.ts'

/**
 * The NAT of each router of a site, from inside to outside. A preset that its changes do not fit is a fault, and stands in
 * unchanged.
 */
export function planNat(
  site: string,
  spec: SiteSpec,
  nodes: readonly PlacedNode[],
  onFault: (fault: Fault) => void,
): NatConfig[] {
  const words: Exclude<NatSpecWords, string> =
    typeof spec.nat === 'string' ? { preset: spec.nat } : spec.nat
  const natSpec: NatSpec = { preset: words.preset, ...overridesOf(words, ['nat']) }
  if (words.carrier !== undefined) natSpec.carrier = overridesOf(words.carrier, ['nat', 'carrier'])
  if (words.preset === 'port-forward' && words.forwards === undefined) {
    natSpec.forwards = forwardsToAll(nodes, (port, one, other) => {
      const message = `${one} and ${other} both listen on port ${port}, which can be forwarded to one of them: list 'forwards' with an outside port for each, or give them other ports (LISTEN_PORT)`
      onFault({ path: ['sites', site, 'nat'], message })
    })
  }
  const pairs: AddressPair[] = nodes.flatMap(({ address, ownPublic }) =>
    ownPublic === null ? [] : [{ private: address, public: ownPublic }],
  )
  try {
    return presetRouters(natSpec, pairs)
  } catch (error) {
    if (!(error instanceof NatSpecError)) throw error
    onFault({ path: ['sites', site, 'nat', error.key], atKey: true, message: error.message })
    return presetRouters({ preset: words.preset }, pairs)
  }

  function overridesOf(
    words: Omit<Exclude<NatSpecWords, string>, 'preset' | 'carrier'>,
    path: Fault['path'],
  ): NatOverrides {
    const forwards = words.forwards?.flatMap(({ port, to, toPort }, index): Forward[] => {
      const inside = nodes.find(({ name }) => name === to)
      if (inside === undefined) {
        const known = nodes.map(({ name }) => name).join(', ')
        onFault({
          path: ['sites', site, ...path, 'forwards', index, 'to'],
          message: `expected a node of site ${site} (${known}), saw ${to}`,
        })
        return []
      }
      return [{ ...port, to: inside.address, toPort: toPort ?? port.port }]
    })
    return {
      mapping: words.mapping,
      filtering: words.filtering,
      ports: words.ports,
      hairpin: words.hairpin,
      allow: words.allow,
      forwards,
      timeouts: withoutUndefined({
        udpMs: words.timeouts?.udp,
        tcpEstablishedMs: words.timeouts?.tcpEstablished,
        tcpTransitoryMs: words.timeouts?.tcpTransitory,
      }),
    }
  }
}

/** Each node's listening port. Two that want the same one cannot both have it. */
function forwardsToAll(
  nodes: readonly PlacedNode[],
  onTwice: (port: number, one: string, other: string) => void,
): Forward[] {
  const owners = new Map<number, PlacedNode>()
  for (const node of nodes) {
    const port = listenPort(node.spec)
    const owner = owners.get(port)
    if (owner === undefined) owners.set(port, node)
    else onTwice(port, owner.name, node.name)
  }
  return [...owners].map(([port, { address }]) => ({
    protocol: 'tcp',
    port,
    to: address,
    toPort: port,
  }))
}

function withoutUndefined<T extends object>(
  object: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return entries.length === 0
    ? undefined
    : (Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> })
}
