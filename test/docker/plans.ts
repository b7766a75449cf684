import type { LinkPlan } from '#orchestrator/net/link.ts'
import { presetRouters } from '#orchestrator/net/nat-spec.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'

const LINK: LinkPlan = { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 }

/** What the plan calls them; the nodes have identities of their own, which no test here asks for. */
const A = '12D3KooWB53pLF14dsZEHjg9UbvBXfkAeJRjyRReVX4eDKtZgsGN'
const B = '12D3KooWJJtAqCktx7g56W5qt6LmUbwAikh9cYoZ6SuuUAgMyGw9'

/**
 * Two cloud sites with one node each, A and B, behind 1:1 NAT, and nothing decided by chance.
 *
 * @param octet Second octet of every subnet: labs of tests that run at the same time take different ones
 */
export function twoClouds(octet: number, program = 'kadlab'): Plan {
  const sites = [
    { name: 'A', site: 'east', inside: `10.${octet}.1`, outside: `11.${octet}.0.11`, peerId: A },
    { name: 'B', site: 'west', inside: `10.${octet}.2`, outside: `11.${octet}.0.12`, peerId: B },
  ]
  const nodes: NodePlan[] = sites.map(({ name, site, inside, outside, peerId }) => ({
    name,
    program,
    site,
    network: site,
    address: `${inside}.10`,
    gateway: `${inside}.1`,
    publicAddress: outside,
    peerId,
    identitySeed: '',
    settings: {},
    env: {},
    autostart: true,
    startsAfter: [],
  }))
  return {
    scenario: 'two-clouds',
    seed: 1,
    networks: [
      { name: 'internet', subnet: `11.${octet}.0.0/24`, gateway: null, link: LINK },
      ...sites.map(({ site, inside }) => ({
        name: site,
        subnet: `${inside}.0/24`,
        gateway: `${inside}.1`,
        link: LINK,
      })),
    ],
    routers: sites.flatMap(({ site, inside, outside }) =>
      presetRouters({ preset: 'one-to-one' }, [{ private: `${inside}.10`, public: outside }]).map(
        (nat) => ({
          name: `${site}-router`,
          site,
          preset: 'one-to-one',
          nat,
          lan: { network: site, address: `${inside}.1`, ownAddress: `${inside}.2` },
          wan: { network: 'internet', address: outside, furtherAddresses: [], gateway: null },
        }),
      ),
    ),
    variants: [{ name: 'only', title: '', nodes, steps: [] }],
  }
}
