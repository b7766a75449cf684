import { type NatSpec, presetRouters } from '#orchestrator/net/nat-spec.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { NetworkPlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'

const LINK = { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 }

/** The second octet of every subnet, unless a plan asks for another. */
const OCTET = 66

/** The address of a site's first host, for forwards to it. Sites are numbered from 1. */
export function firstHostOf(siteNumber: number, octet = OCTET): string {
  return `10.${octet}.${siteNumber}.10`
}

/** A port forwarded to a site's first host, at another port there, so that the translation shows. */
export function forwardsOf(siteNumber: number, octet = OCTET): NatConfig['forwards'] {
  const to = firstHostOf(siteNumber, octet)
  return [
    { protocol: 'tcp', port: 4000, to, toPort: 3000 },
    { protocol: 'udp', port: 4000, to, toPort: 3000 },
  ]
}

/** A plan with one site for each spec, named by its key, and no nodes. */
export function presetPlan(specs: Record<string, NatSpec>, octet = OCTET): Plan {
  const networks: NetworkPlan[] = [
    { name: 'internet', subnet: `11.${octet}.0.0/24`, gateway: null, link: LINK },
  ]
  const routers: RouterPlan[] = []
  for (const [index, [site, spec]] of Object.entries(specs).entries()) {
    const number = index + 1
    const pairs = [{ private: firstHostOf(number, octet), public: `11.${octet}.0.${100 + number}` }]
    const configs = presetRouters(spec, pairs)
    // From inside to outside: the home's network, then the carrier's.
    const insides = configs.map((_, depth) => ({
      network: depth === 0 ? site : `${site}-carrier`,
      prefix: depth === 0 ? `10.${octet}.${number}` : `100.${64 + (octet % 64)}.${number}`,
    }))
    for (const [depth, nat] of configs.entries()) {
      const inside = insides[depth] as (typeof insides)[number]
      const outside = insides[depth + 1]
      const address = `${inside.prefix}.1`
      networks.push({
        name: inside.network,
        subnet: `${inside.prefix}.0/24`,
        gateway: address,
        link: LINK,
      })
      routers.push({
        name: `${inside.network}-router`,
        site,
        preset: spec.preset,
        nat,
        lan: { network: inside.network, address, ownAddress: `${inside.prefix}.2` },
        wan:
          outside === undefined
            ? {
                network: 'internet',
                address: `11.${octet}.0.${number}`,
                furtherAddresses: nat.oneToOne.map((pair) => pair.public),
                gateway: null,
              }
            : {
                network: outside.network,
                address: `${outside.prefix}.20`,
                furtherAddresses: [],
                gateway: `${outside.prefix}.1`,
              },
      })
    }
  }
  return {
    scenario: 'presets',
    seed: 1,
    networks,
    routers,
    variants: [{ name: 'only', title: '', nodes: [], steps: [] }],
  }
}
