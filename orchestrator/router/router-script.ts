import type { NetworkPlan, RouterPlan } from '../plan/plan-type.ts'
import { outsideAddresses, prefixLengthOf } from '../plan/router-addresses.ts'
import { compileNft } from './nft.ts'

/** Where a router keeps its ruleset, to load it again when it is to forget. */
export const RULESET_FILE = '/run/kadlab.nft'

/** A table that drops everything, while a router forgets. */
const SHUT_TABLE = 'kadlab_shut'

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
    'interface_of() { ip -o -4 addr show to "$1" | { read -r _ name _; echo "$name"; }; }',
    `lan=$(interface_of ${lan.ownAddress})`,
    ...(lan.address === lan.ownAddress ? [] : [`ip addr replace ${inside} dev "$lan"`]),
    // An engine may have given a default route of its own, even to the router's own address.
    'while ip route del default 2>/dev/null; do :; done',
    ...(onWan.length === 0 ? [] : [`wan=$(interface_of ${wan.address})`, ...onWan]),
    '',
  ].join('\n')
}

/**
 * A POSIX shell script after which a router that routes has these rules. The kernel goes on with the connections that it
 * tracks; whatever mappings the rules before had learnt are forgotten.
 */
export function reloadScript(
  router: RouterPlan,
  networks: NetworkPlan[],
  { rulesetFile = RULESET_FILE, moreRules = '' }: RouterScriptOptions = {},
): string {
  return ['set -eu', ...rulesLoaded(router, networks, { rulesetFile, moreRules }), ''].join('\n')
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
  const shut = 'type filter hook prerouting priority raw - 100; policy drop;'
  const steps = [
    `nft 'table ip ${SHUT_TABLE} { chain shut { ${shut} }; }'`,
    'conntrack -F',
    `nft -f ${rulesetFile}`,
    `nft delete table ip ${SHUT_TABLE}`,
  ]
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
