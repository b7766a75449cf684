import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { NetworkPlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'

/** Nothing on the way: packets arrive in the next turn of the event loop. */
export const perfectLink: LinkPlan = { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 }

/** A home router's NAT, to be changed by spreading. */
export const homeNat: NatConfig = {
  mapping: 'EI',
  filtering: 'APD',
  ports: 'preserve',
  hairpin: false,
  oneToOne: [],
  allow: [],
  forwards: [],
  timeouts: { udpMs: 120_000, tcpEstablishedMs: 7_440_000, tcpTransitoryMs: 240_000 },
}

/** A cloud's NAT for one VM, behind a security group that lets TCP 3000 in. */
export function cloudNat(pair: { private: string; public: string }): NatConfig {
  return {
    ...homeNat,
    filtering: 'EI',
    oneToOne: [pair],
    allow: [{ protocol: 'tcp', port: 3000 }],
  }
}

export const internetPlan: NetworkPlan = {
  name: 'internet',
  subnet: '11.0.0.0/24',
  gateway: null,
  link: perfectLink,
}

/** A site of the private range 10.0.0.0/24, as every site here, with its router at `publicAddress`. */
export function sitePlan(
  site: string,
  publicAddress: string,
  nat: NatConfig,
): { network: NetworkPlan; router: RouterPlan } {
  return {
    network: { name: site, subnet: '10.0.0.0/24', gateway: '10.0.0.1', link: perfectLink },
    router: {
      name: `${site}-router`,
      site,
      preset: 'test',
      nat,
      lan: { network: site, address: '10.0.0.1', ownAddress: '10.0.0.2' },
      wan: { network: 'internet', address: publicAddress, furtherAddresses: [], gateway: null },
    },
  }
}

/** The internet and some sites on it. */
export function labPlan(
  sites: ReturnType<typeof sitePlan>[],
  link: LinkPlan = perfectLink,
): Pick<Plan, 'seed' | 'networks' | 'routers'> {
  const networks = [internetPlan, ...sites.map((site) => site.network)]
  return {
    seed: 1,
    networks: networks.map((network) => ({ ...network, link })),
    routers: sites.map((site) => site.router),
  }
}
