import type { Protocol } from '../net/nat.ts'
import type { RouterPlan } from '../plan/plan-type.ts'

/**
 * Static translation of one public address for one private one, ports untouched, behind a stateful allow list: the lines
 * within the table.
 */
export function translateOneToOne(router: RouterPlan, lan: string): string[] {
  const { oneToOne, allow } = router.nat
  const toPrivate = oneToOne.map((pair) => `${pair.public} : ${pair.private}`).join(', ')
  const toPublic = oneToOne.map((pair) => `${pair.private} : ${pair.public}`).join(', ')

  const ports = (protocol: Protocol): number[] =>
    allow.filter((rule) => rule.protocol === protocol).map((rule) => rule.port)
  return [
    'chain dstnat {',
    '  type nat hook prerouting priority dstnat; policy accept;',
    `  ip saddr != ${lan} dnat ip to ip daddr map { ${toPrivate} }`,
    '}',
    '',
    'chain srcnat {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    `  snat ip to ip saddr map { ${toPublic} }`,
    '}',
    '',
    '# The security group: stateful, so that what is let out is answered. Whoever routes straight to a private address is not',
    '# translated, and so not let in.',
    'chain forward {',
    '  type filter hook forward priority filter; policy drop;',
    '  ct state invalid drop',
    '  ct state established,related accept',
    `  ip saddr { ${oneToOne.map((pair) => pair.private).join(', ')} } ip daddr != ${lan} accept`,
    ...(['tcp', 'udp'] as const)
      .filter((protocol) => ports(protocol).length > 0)
      .map(
        (protocol) =>
          `  ct status dnat ${protocol} dport { ${ports(protocol)
            .toSorted((a, b) => a - b)
            .join(', ')} } accept`,
      ),
    '}',
  ]
}
