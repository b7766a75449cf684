import type { NetworkCreateOptions } from 'dockerode'
import { cidrOf, formatAddress, sizeOf } from '#orchestrator/net/addresses.ts'
import { networkOf, overlaps } from '#orchestrator/net/addresses.ts'
import type { NetworkPlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { SubnetTakenError } from '../errors.ts'
import type { ApiVersion, Engine } from './engine.ts'
import { speaks } from './engine.ts'
import { EngineRefusedError } from './errors.ts'
import { engineName, labelsOf, type LabIdentity, readIdentity } from './labels.ts'
import { reason, refused } from './refusals.ts'

/** API of Engine 28, the first that filters by bridge and the first that can be told not to. */
const API_WITH_UNPROTECTED = 48

const BRIDGE = 'com.docker.network.bridge'

/**
 * Options of the bridge driver under which a router container can be a network's gateway and nothing leaks to the host:
 * the host has no address on the bridge, and translates nothing.
 */
export function bridgeOptions(api: ApiVersion): Record<string, string> {
  return {
    [`${BRIDGE}.inhibit_ipv4`]: 'true',
    [`${BRIDGE}.enable_ip_masquerade`]: 'false',
    // Engines from 28 on drop what reaches a container by any bridge but its own, which is what every router forwards.
    // Older ones refuse the value.
    ...(speaks(api, API_WITH_UNPROTECTED)
      ? { [`${BRIDGE}.gateway_mode_ipv4`]: 'nat-unprotected' }
      : {}),
  }
}

/**
 * The address that the engine is told is the network's gateway: the router's, so that each node gets its default route
 * from the engine. The internet has none; there an address that nobody has leads nowhere.
 */
export function gatewayAddress(network: NetworkPlan, plan: Plan): string {
  if (network.gateway !== null) return network.gateway
  const subnet = cidrOf(network.subnet)
  const used = usedAddresses(plan)
  // From the top, where no plan begins to number.
  for (let host = sizeOf(subnet) - 2; host > 0; host -= 1) {
    const text = formatAddress(subnet.base + host)
    if (!used.has(text)) return text
  }
  throw new EngineRefusedError(
    `The subnet ${network.subnet} of network \`${network.name}\` has no address to spare: Docker needs one for itself. Take a larger subnet.`,
  )
}

/** Every address of a plan that somebody has. */
export function usedAddresses(plan: Plan): Set<string> {
  return new Set([
    ...plan.routers.flatMap(({ lan, wan }) => [
      lan.address,
      lan.ownAddress,
      wan.address,
      ...wan.furtherAddresses,
    ]),
    ...plan.variants.flatMap(({ nodes }) => nodes.map(({ address }) => address)),
  ])
}

/** The engine's request for one network of a lab. */
export function networkRequest(
  network: NetworkPlan,
  plan: Plan,
  lab: LabIdentity,
  api: ApiVersion,
): NetworkCreateOptions {
  return {
    Name: engineName(lab, network.name),
    Driver: 'bridge',
    CheckDuplicate: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Config: [{ Subnet: network.subnet, Gateway: gatewayAddress(network, plan) }],
    },
    Options: bridgeOptions(api),
    Labels: labelsOf(lab, 'network', network.name),
  }
}

/**
 * Makes one network of a lab.
 *
 * @throws SubnetTakenError where another network has addresses of it
 */
export async function createNetwork(
  engine: Engine,
  network: NetworkPlan,
  plan: Plan,
  lab: LabIdentity,
): Promise<void> {
  return createNetworkOf(engine, network, networkRequest(network, plan, lab, engine.api))
}

/**
 * Makes one network of a lab by a request.
 *
 * @throws SubnetTakenError where another network has addresses of it
 */
export async function createNetworkOf(
  engine: Engine,
  network: NetworkPlan,
  request: NetworkCreateOptions,
): Promise<void> {
  try {
    await engine.docker.createNetwork(request)
  } catch (error) {
    if (/pool overlaps|overlap/i.test(reason(error))) {
      const holder = await holderOf(engine, network.subnet)
      throw new SubnetTakenError(network.name, network.subnet, holder, { cause: error })
    }
    throw refused(`the network \`${network.name}\` (${network.subnet})`, error)
  }
}

/** The network of the engine that has addresses of a subnet, in words; null where it is none of the engine's. */
async function holderOf({ docker }: Engine, subnet: string): Promise<string | null> {
  const wanted = networkOf(subnet)
  const networks = await docker.listNetworks().catch(() => [])
  for (const { Name, IPAM, Labels } of networks) {
    for (const { Subnet } of IPAM?.Config ?? []) {
      const other = networkOf(Subnet ?? '')
      if (wanted === null || other === null || !overlaps(wanted, other)) continue
      const lab = readIdentity(Labels ?? {})
      const whose = lab === null ? '' : `, of lab ${lab.id}`
      return `the network \`${Name}\` (${Subnet}${whose})`
    }
  }
  return null
}

/** IPv4 CIDRs of every network that the engine has. */
export async function takenSubnets(
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const networks = await engine.docker.listNetworks(
    signal === undefined ? {} : { abortSignal: signal },
  )
  const subnets = networks.flatMap(({ IPAM }) => IPAM?.Config ?? []).map(({ Subnet }) => Subnet)
  return subnets.filter((subnet) => subnet !== undefined && !subnet.includes(':')) as string[]
}
