import type { NetworkPlan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { networkNamed, prefixLengthOf } from '#orchestrator/plan/router-addresses.ts'
import { routerSysctls } from '#orchestrator/router/conntrack.ts'
import { routerScript } from '#orchestrator/router/router-script.ts'
import { LAB_FOLDER } from './namespaces.ts'

/** One end of a cable: a host's place on a network. */
export interface Plug {
  network: string
  address: string
}

/** Where a router keeps its ruleset: the hosts of a lab share one file system. */
export function rulesetFileOf(router: string): string {
  return `${LAB_FOLDER}/${router}.nft`
}

/** A script that makes networks, as bridges of the lab's first network namespace. */
export function networksScript(networks: readonly NetworkPlan[]): string {
  const bridges = networks.map((_, index) => `ip link add ${bridge(index)} up type bridge`)
  return ['set -eu', ...bridges].join('\n')
}

/** A script that makes a host with one place on a network. */
export function hostScript(
  host: string,
  plug: Plug & { gateway: string | null },
  networks: NetworkPlan[],
  cables: Cables,
): string {
  const route = plug.gateway === null ? [] : [`ip route add default via ${plug.gateway}`]
  return [
    'set -eu',
    ...addHost(host),
    ...cables.plugIn(host, plug, networks),
    ...inHost(host, route),
  ].join('\n')
}

/**
 * A script that removes a host, its cable first: the kernel takes a network namespace down at its leisure, and until then its
 * host would answer for the address that the next one has.
 */
export function removalScript(host: string): string {
  return [
    'set -eu',
    `nsenter --net=/run/netns/${host} -- ip link delete eth0`,
    `ip netns delete ${host}`,
  ].join('\n')
}

/** Hands out names for the ends of cables at the bridges: a lab of many hosts has many. */
export class Cables {
  #count = 0

  /** Lines that plug a host into a network at an address. Its interfaces are `eth0`, `eth1`, in the order of plugging. */
  plugIn(
    host: string,
    { network, address }: Plug,
    networks: NetworkPlan[],
    name = 'eth0',
  ): string[] {
    this.#count += 1
    const index = networks.indexOf(networkNamed(network, networks))
    const prefix = prefixLengthOf(network, networks)
    const hardware = hardwareAddress(address)
    return [
      `ip link add c${this.#count} master ${bridge(index)} up type veth peer name ${name} address ${hardware} netns ${host}`,
      ...inHost(host, [`ip addr add ${address}/${prefix} dev ${name}`, `ip link set ${name} up`]),
    ]
  }
}

/** A script that makes a router between two networks that are there. */
export function routerHostScript(
  router: RouterPlan,
  networks: NetworkPlan[],
  cables: Cables,
): string {
  const { name, lan, wan, nat } = router
  const settings = Object.entries(routerSysctls(nat.timeouts)).map(
    ([setting, value]) => `echo ${value} > /proc/sys/${setting.replaceAll('.', '/')}`,
  )
  return [
    'set -eu',
    ...addHost(name),
    ...cables.plugIn(name, { network: lan.network, address: lan.ownAddress }, networks, 'eth0'),
    ...cables.plugIn(name, { network: wan.network, address: wan.address }, networks, 'eth1'),
    // The ruleset first: it makes the kernel load what the settings are of.
    ...inHost(name, [
      routerScript(router, networks, { rulesetFile: rulesetFileOf(name) }),
      ...settings,
    ]),
  ].join('\n')
}

function addHost(host: string): string[] {
  return [
    `ip netns add ${host}`,
    ...inHost(host, [
      // The plan's addresses are IPv4; a link-local address of IPv6 would be one that nobody planned.
      'echo 1 2>/dev/null > /proc/sys/net/ipv6/conf/all/disable_ipv6 || :',
      'echo 1 2>/dev/null > /proc/sys/net/ipv6/conf/default/disable_ipv6 || :',
      'ip link set lo up',
    ]),
  ]
}

function inHost(host: string, lines: readonly string[]): string[] {
  const mark = `END-${host}`
  return [`nsenter --net=/run/netns/${host} -- sh -eu <<'${mark}'`, ...lines, mark]
}

function bridge(index: number): string {
  return `br${index}`
}

/** The same for the same address, as engines choose it: who comes to an address is met where the last one was. */
function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return ['02', '42', ...bytes].join(':')
}
