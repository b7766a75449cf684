import type { NetworkPlan, RouterPlan } from '../plan/plan-type.ts'
import { outsideAddresses, subnetOf } from '../plan/router-addresses.ts'
import { translateOneToOne } from './nft-one-to-one.ts'
import { translatePorts } from './nft-ports.ts'

/** The one nft table that a router has of ours. A container's engine may keep others beside it (its DNS). */
export const NFT_TABLE = 'kadlab'

/**
 * Compiles a router's NAT configuration to one nft ruleset, for `nft -f`. The same plan gives the same text.
 *
 * Loading it again replaces the whole table in one transaction, with whatever mappings it had learnt.
 * Packets are told apart by address: interface names vary between engines.
 */
export function compileNft(router: RouterPlan, networks: NetworkPlan[]): string {
  const lan = subnetOf(router.lan.network, networks)
  const outside = outsideAddresses(router)
  const translation =
    router.nat.oneToOne.length > 0 ? translateOneToOne(router, lan) : translatePorts(router, lan)
  const body = [
    ...translation,
    '',
    '# The router itself. A peer that dials one of its mappings too early is not answered: a reset would end the attempt,',
    "# and a connection that is tracked here would take the inside host's port from it.",
    'chain input {',
    '  type filter hook input priority filter; policy accept;',
    '  ct state established,related accept',
    `  ip daddr { ${outside.join(', ')} } drop`,
    '}',
  ]
  return [
    `# ${router.name}: ${router.preset}`,
    `table ip ${NFT_TABLE}`,
    `delete table ip ${NFT_TABLE}`,
    `table ip ${NFT_TABLE} {`,
    ...body.map((line) => (line === '' ? '' : `  ${line}`)),
    '}',
    '',
  ].join('\n')
}
