import { contains, networkOf, parseAddress } from '#orchestrator/net/addresses.ts'
import type { NetworkPlan } from '#orchestrator/plan/plan-type.ts'
import type { HostLook } from './host-look.ts'

/**
 * What shows that a lab's networks lead to the engine's host, and through it out of the machine: an address of the host
 * on one of them, a route to it, a rule that translates its addresses. An engine that was told to leave these out and did
 * not has ignored the options of the network.
 */
export function findWaysOut(look: HostLook, networks: readonly NetworkPlan[]): string[] {
  return networks.flatMap(({ name, subnet }) => [
    ...hostAddresses(look.addresses, subnet).map(
      ({ device, address }) =>
        `the host has the address ${address} on network \`${name}\` (${device})`,
    ),
    ...hostRoutes(look.routes, subnet).map(
      (device) => `the host has a route to network \`${name}\` (${subnet} by ${device})`,
    ),
    ...translations(look.ruleset ?? '', subnet).map(
      (rule) => `the host translates addresses of network \`${name}\` (${rule})`,
    ),
  ])
}

/** Lines of `ip -o -4 addr`: `3: br-1    inet 10.1.1.1/24 …`. */
function hostAddresses(text: string, subnet: string): { device: string; address: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, device = '', address = ''] = /^\d+: (\S+)\s+inet ([\d.]+)/.exec(line) ?? []
    return isWithin(address, subnet) ? [{ device, address }] : []
  })
}

/** Lines of `ip route`: `10.1.1.0/24 dev br-1 …`. A route to more than the network is none to the network. */
function hostRoutes(text: string, subnet: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, network = '', device = ''] = /^([\d.]+\/\d+) .*?\bdev (\S+)/.exec(line) ?? []
    const [base = '', bits] = network.split('/')
    const isNarrow = Number(bits) >= Number(subnet.split('/')[1])
    return network !== '' && isNarrow && isWithin(base, subnet) ? [device] : []
  })
}

/** Rules of a table for translation that ask for the network as a source. */
function translations(ruleset: string, subnet: string): string[] {
  const rules: string[] = []
  let translates = false
  for (const line of ruleset.split('\n')) {
    if (line.startsWith('table ')) translates = /^table \S+ nat\b|netavark/.test(line)
    if (translates && line.includes(`ip saddr ${subnet} `)) {
      rules.push(line.trim().replace(/counter packets \d+ bytes \d+ /, ''))
    }
  }
  return rules
}

function isWithin(address: string, subnet: string): boolean {
  const [number, network] = [parseAddress(address), networkOf(subnet)]
  return number !== null && network !== null && contains(network, number)
}
