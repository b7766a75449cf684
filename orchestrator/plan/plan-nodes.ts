import { PROGRAMS } from '#orchestrator/scenario/programs.ts'
import type { NodeSpec, Scenario } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { deriveIdentity, type Identity, peerIdOf } from './identity.ts'
import { listenPort } from './listen-port.ts'
import type { NodePlace } from './plan-routers.ts'
import type { NodePlan } from './plan-type.ts'
import { startsAfter } from './start-order.ts'
import { fillTemplates, type TemplateValues } from './templates.ts'

/** Decides every node's identity and environment. Nodes without a place (a fault was reported) are left out. */
export function planNodes(
  scenario: Scenario,
  places: ReadonlyMap<string, NodePlace>,
  seed: number,
  onFault: (fault: Fault) => void,
): NodePlan[] {
  const values = new Map<string, TemplateValues | null>()
  for (const [name, node] of Object.entries(scenario.nodes)) {
    const place = places.get(name)
    if (place === undefined) {
      values.set(name, null)
      continue
    }
    values.set(name, {
      public: place.publicAddress,
      address: place.address,
      port: String(listenPort(node)),
      'peer-id': identityOf(node, name, seed).peerId,
    })
  }
  return Object.entries(scenario.nodes).flatMap(([name, node]): NodePlan[] => {
    const place = places.get(name)
    if (place === undefined) return []
    const identity = identityOf(node, name, seed)
    const { program = 'kadlab' } = node
    const settings: Record<string, string> = {}
    for (const [variable, text] of Object.entries(node.env ?? {})) {
      settings[variable] = fillTemplates(text, name, values, (message) => {
        onFault({ path: ['nodes', name, 'env', variable], message })
      })
    }
    const bootstrap = (node.bootstrap ?? []).flatMap((target) => {
      const address = bootstrapAddress(scenario, places, values, place, target)
      return address === null ? [] : [address]
    })
    if (bootstrap.length > 0) settings['BOOTSTRAP'] = bootstrap.join(',')
    return [
      {
        name,
        program,
        site: node.site,
        network: place.network,
        address: place.address,
        gateway: place.gateway,
        publicAddress: place.publicAddress,
        peerId: identity.peerId,
        identitySeed: identity.identitySeed,
        settings,
        env: { IDENTITY_SEED: identity.identitySeed, ...PROGRAMS[program].defaults, ...settings },
        autostart: node.autostart ?? true,
        startsAfter: startsAfter(scenario, name),
        ...(node.clock !== undefined && { clockErrorMs: node.clock }),
      },
    ]
  })
}

/** Where `target` is joined from `place`: inside its own network at its private address, else at its public one. */
function bootstrapAddress(
  scenario: Scenario,
  places: ReadonlyMap<string, NodePlace>,
  values: ReadonlyMap<string, TemplateValues | null>,
  place: NodePlace,
  target: string,
): string | null {
  const there = places.get(target)
  const value = values.get(target)
  const node = scenario.nodes[target]
  if (there === undefined || !value || node === undefined) return null
  const address = there.network === place.network ? there.address : there.publicAddress
  return `/ip4/${address}/tcp/${value.port}/p2p/${value['peer-id']}`
}

/** The identity that the node's own IDENTITY_SEED gives it, else one of the run's. A seed that is none is refused later. */
function identityOf({ env }: NodeSpec, name: string, seed: number): Identity {
  const identitySeed = env?.['IDENTITY_SEED']?.trim().toLowerCase() ?? ''
  return /^[0-9a-f]{64}$/.test(identitySeed)
    ? { identitySeed, peerId: peerIdOf(identitySeed) }
    : deriveIdentity(seed, name)
}
