import { KadlabError } from '#node/base/errors.ts'
import type { NetworkPlan, RouterPlan } from './plan-type.ts'

/** A router or an agent is to stand on a network that the plan does not have. */
export class UnknownNetworkError extends KadlabError {
  static override readonly name = 'UnknownNetworkError'
}

/** @throws UnknownNetworkError */
export function networkNamed(name: string, networks: NetworkPlan[]): NetworkPlan {
  const network = networks.find((network) => network.name === name)
  if (network === undefined) {
    const known = networks.map((network) => network.name).join(', ')
    throw new UnknownNetworkError(`expected a network of the plan (${known}), saw '${name}'`)
  }
  return network
}

/** The CIDR of a network. @throws UnknownNetworkError */
export function subnetOf(name: string, networks: NetworkPlan[]): string {
  return networkNamed(name, networks).subnet
}

/** The number of leading bits of a network's addresses. @throws UnknownNetworkError */
export function prefixLengthOf(name: string, networks: NetworkPlan[]): number {
  return Number(subnetOf(name, networks).split('/')[1])
}

/** Every outside address that a router answers for, its own first. */
export function outsideAddresses(router: RouterPlan): string[] {
  return [
    ...new Set([
      router.wan.address,
      ...router.wan.furtherAddresses,
      ...router.nat.oneToOne.map((pair) => pair.public),
    ]),
  ]
}
