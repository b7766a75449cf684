import type { NetworkCreateOptions } from 'dockerode'
import {
  cidrOf,
  contains,
  formatAddress,
  parseAddress,
  sizeOf,
} from '#orchestrator/net/addresses.ts'
import type { NetworkPlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { engineName, labelsOf, type LabIdentity } from '../docker/labels.ts'
import { gatewayAddress, usedAddresses } from '../docker/networks.ts'
import { SwarmUnfitError } from './errors.ts'

/** Of an overlay: what VXLAN adds to each packet is taken from the 1500 of the wire. */
const MTU = 1450

/** Addresses that the Swarm may take for itself: it wants one for each engine on which a network is used. */
const OWN_BITS = 4

/**
 * A block of a network's addresses that nothing in the plan has, for what the Swarm numbers by itself. From the middle:
 * plans begin below, probes above.
 *
 * @throws SwarmUnfitError where the network is too small, or too full
 */
export function ownRange(network: NetworkPlan, plan: Plan): string {
  const subnet = cidrOf(network.subnet)
  const size = 2 ** OWN_BITS
  const blocks = Math.floor(sizeOf(subnet) / size)
  const used = [...usedAddresses(plan)].map((text) => parseAddress(text) ?? 0)
  const middle = Math.floor(blocks / 2)
  const outwards = Array.from({ length: blocks }, (_, index) => index).toSorted(
    (one, other) => Math.abs(one - middle) - Math.abs(other - middle),
  )
  for (const block of outwards) {
    // The first and the last hold the network's own addresses.
    if (block === 0 || block === blocks - 1) continue
    const range = { base: subnet.base + block * size, prefix: 32 - OWN_BITS }
    if (!used.some((address) => contains(range, address))) {
      return `${formatAddress(range.base)}/${range.prefix}`
    }
  }
  throw new SwarmUnfitError(
    `The subnet ${network.subnet} of network \`${network.name}\` has no ${size} addresses in a row to spare: ` +
      'a Swarm needs one for each engine. Take a /24.',
  )
}

/** Where whatever stands on a network sends what is not on it: to its router, or on the internet to nobody. */
export function nextHop(network: NetworkPlan, plan: Plan): string {
  if (network.gateway !== null) return network.gateway
  // The Swarm numbers from the first address of its block on.
  const { base, prefix } = cidrOf(ownRange(network, plan))
  return formatAddress(base + 2 ** (32 - prefix) - 1)
}

/** The manager's request for one network of a lab: one that has no way out at any engine. */
export function overlayRequest(
  network: NetworkPlan,
  plan: Plan,
  lab: LabIdentity,
): NetworkCreateOptions {
  return {
    Name: engineName(lab, network.name),
    Driver: 'overlay',
    // Else each container on it gets a second interface, on a bridge of its host's that leads outside.
    Internal: true,
    Attachable: true,
    CheckDuplicate: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Config: [
        {
          Subnet: network.subnet,
          IPRange: ownRange(network, plan),
          // The Swarm takes the gateway's address for itself, at every engine: not the router's, as a bridge may.
          Gateway: gatewayAddress({ ...network, gateway: null }, plan),
        },
      ],
    },
    Options: { 'com.docker.network.driver.mtu': String(MTU) },
    Labels: labelsOf(lab, 'network', network.name),
  }
}

/**
 * Refuses what an overlay cannot do: a router's further outside addresses are known to its own engine alone.
 *
 * @throws SwarmUnfitError
 */
export function checkPlan(plan: Plan): void {
  const router = plan.routers.find(({ wan }) => wan.furtherAddresses.length > 0)
  if (router === undefined) return
  throw new SwarmUnfitError(
    `The router \`${router.name}\` has several outside addresses (${[router.wan.address, ...router.wan.furtherAddresses].join(', ')}), ` +
      'and an overlay network carries to another engine only the one that was asked for. Run it on --fabric docker, netns or sim.',
  )
}
