import type { NetworkPlan, RouterPlan } from '../plan/plan-type.ts'
import { outsideAddresses, prefixLengthOf } from '../plan/router-addresses.ts'
import { compileNft } from './nft.ts'

/** Where a router keeps its ruleset, to load it again when it is to forget. */
export const RULESET_FILE = '/run/kadlab.nft'

/** A table that drops everything, while a router forgets. */
const SHUT_TABLE = 'kadlab_shut'
/** Drops what comes for addresses that were the router's. */
const FORMER_TABLE = 'kadlab_former'

const SHUT = `nft 'table ip ${SHUT_TABLE} { chain shut { type filter hook prerouting priority raw - 100; policy drop; }; }'`
const OPEN = `nft delete table ip ${SHUT_TABLE}`
const FIND_INTERFACE =
  'interface_of() { ip -o -4 addr show to "$1" | { read -r _ name _; echo "$name"; }; }'

export interface RouterScriptOptions {
  /** Where the ruleset is kept. Default `RULESET_FILE`. */
  rulesetFile?: string
  /** nft lines, each ended, that are loaded with the router's own, and again whenever it forgets. */
  moreRules?: string
}

/**
 * A POSIX shell script that makes a router of a host which stands on both networks with addresses of its own: the
 * ruleset first, then the gateway address, further outside addresses and the default route. Run it as root with
 * CAP_NET_ADMIN and with `routerSysctls` set; it ends when the router routes, with status 0. Running it twice does no harm.
 */
export function routerScript(
  router: RouterPlan,
  networks: NetworkPlan[],
  { rulesetFile = RULESET_FILE, moreRules = '' }: RouterScriptOptions = {},
): string {
  const { lan, wan } = router
  const inside = `${lan.address}/${prefixLengthOf(lan.network, networks)}`
  const outside = outsideAddresses(router).map((address) => `${address}/32`)
  // The first outside address is there already, with the network's prefix.
  const onWan = [
    ...outside.slice(1).map((address) => `ip addr replace ${address} dev "$wan"`),
    ...(wan.gateway === null ? [] : [`ip route replace default via ${wan.gateway} dev "$wan"`]),
  ]
  return [
    'set -eu',
    ...rulesLoaded(router, networks, { rulesetFile, moreRules }),
    // Interface names vary between engines, so each interface is found by the address that it was given.
    FIND_INTERFACE,
    `lan=$(interface_of ${lan.ownAddress})`,
    ...(lan.address === lan.ownAddress ? [] : [`ip addr replace ${inside} dev "$lan"`]),
    // An engine may have given a default route of its own, even to the router's own address.
    'while ip route del default 2>/dev/null; do :; done',
    ...(onWan.length === 0 ? [] : [`wan=$(interface_of ${wan.address})`, ...onWan]),
    '',
  ].join('\n')
}

/**
 * A POSIX shell script that makes a router, which is as one plan of it says, what another one says. Where its outside addresses
 * stay, the kernel goes on with the connections that it tracks, and what mappings the rules before had learnt are forgotten. With
 * other addresses all is forgotten, and what still comes for the former ones is dropped: they are nobody's, or another's.
 */
export function changeScript(
  before: RouterPlan,
  router: RouterPlan,
  networks: NetworkPlan[],
  options: RouterScriptOptions = {},
): string {
  const { rulesetFile = RULESET_FILE, moreRules = '' } = options
  const addresses = outsideAddresses(router)
  const left = outsideAddresses(before).filter((address) => !addresses.includes(address))
  if (left.length === 0) {
    return ['set -eu', ...rulesLoaded(router, networks, { rulesetFile, moreRules }), ''].join('\n')
  }
  const prefix = prefixLengthOf(router.wan.network, networks)
  const lengthOf = (address: string): number => (address === before.wan.address ? prefix : 32)
  const dropped = `ip daddr { ${left.join(', ')} } drop;`
  return [
    'set -eu',
    FIND_INTERFACE,
    `wan=$(interface_of ${before.wan.address})`,
    SHUT,
    ...left.map((address) => `ip addr del ${address}/${lengthOf(address)} dev "$wan"`),
    `ip addr replace ${router.wan.address}/${prefix} dev "$wan"`,
    `nft "table ip ${FORMER_TABLE}; delete table ip ${FORMER_TABLE}; table ip ${FORMER_TABLE} { chain former { type filter hook prerouting priority raw; iifname $wan ${dropped} }; }"`,
    routerScript(router, networks, options),
    'conntrack -F',
    OPEN,
    '',
  ].join('\n')
}

function rulesLoaded(
  router: RouterPlan,
  networks: NetworkPlan[],
  { rulesetFile, moreRules }: Required<RouterScriptOptions>,
): string[] {
  return [
    `cat > ${rulesetFile} <<'RULESET'`,
    `${compileNft(router, networks)}${moreRules}RULESET`,
    `nft -f ${rulesetFile}`,
  ]
}

/**
 * Commands, as argument lists, after which a router has forgotten every mapping and connection. Meanwhile it is shut, as
 * one that is switched off and on: otherwise a packet could carry a mapping over, from the kernel's table to ours or back.
 */
export function flushCommands({ rulesetFile = RULESET_FILE } = {}): string[][] {
  const steps = [SHUT, 'conntrack -F', `nft -f ${rulesetFile}`, OPEN]
  return [['sh', '-c', steps.join(' && ')]]
}

/** Commands that print a router's state, by the name of the file that it is kept in. */
export function stateCommands(): Record<string, string[]> {
  return {
    'nft.txt': ['nft', 'list', 'ruleset'],
    'conntrack.txt': ['conntrack', '-L'],
    'addresses.txt': ['ip', '-4', 'addr'],
    'routes.txt': ['ip', '-4', 'route'],
  }
}
