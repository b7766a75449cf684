import type { Dependence, Forward, NatConfig, Protocol } from '../net/nat.ts'
import type { RouterPlan } from '../plan/plan-type.ts'
import { conntrackTimeouts } from './conntrack.ts'

/** Ports that a random choice is made from, and the second choice of a preserving router. */
const DYNAMIC_PORTS = '1024-65535'

/** Mappings of one protocol at most. */
const TABLE_SIZE = 65_535

const PROTOCOLS: Protocol[] = ['tcp', 'udp']

/**
 * Translation of many inside endpoints to the ports of one address (NAPT): the lines within the table.
 *
 * The kernel's own `snat` decides anew for each connection and lets two inside hosts share one outside port, so mappings
 * are kept here: `outside_<protocol>` finds a flow's outside endpoint, by as much of the flow as the mapping depends on
 * (RFC 4787 section 4.1), `inside_<protocol>` finds the inside endpoint of an outside port. Both are learnt once the
 * kernel has chosen a port, and kept as long as packets go out or, of UDP, come in (REQ-6).
 */
export function translatePorts(router: RouterPlan, lan: string): string[] {
  const { nat } = router
  const wan = router.wan.address
  const forwarded = (protocol: Protocol): boolean =>
    nat.forwards.some((forward) => forward.protocol === protocol)
  const spoken = spokenKey(nat)
  return [
    ...PROTOCOLS.flatMap((protocol) => [...state(nat, wan, protocol), '']),
    ...(spoken === null ? [] : [...noteDestinations(nat, lan, spoken), '']),
    'chain dstnat {',
    '  type nat hook prerouting priority dstnat; policy accept;',
    ...(nat.hairpin ? [] : [`  ip saddr ${lan} accept`]),
    ...PROTOCOLS.filter(forwarded).map(
      (protocol) =>
        `  ip daddr ${wan} dnat ip to ${protocol} dport map { ${nat.forwards
          .filter((forward) => forward.protocol === protocol)
          .map((forward) => `${forward.port} : ${forward.to} . ${forward.toPort}`)
          .join(', ')} }`,
    ),
    ...answerMappings(nat, wan, lan),
    '}',
    '',
    '# Whoever routes straight to an inside address is not translated, and so not let in.',
    'chain forward {',
    '  type filter hook forward priority filter; policy drop;',
    '  ct state invalid drop',
    '  ct state established,related accept',
    `  ip saddr ${lan} ip daddr != ${lan} accept`,
    '  ct status dnat accept',
    '}',
    '',
    ...PROTOCOLS.flatMap((protocol) => [...choosePort(nat, wan, protocol), '']),
    'chain srcnat {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    `  ip saddr != ${lan} accept`,
    ...PROTOCOLS.map((protocol) => `  meta l4proto ${protocol} goto choose_${protocol}`),
    `  snat ip to ${wan}`,
    '}',
    '',
    ...PROTOCOLS.flatMap((protocol) => [...remember(nat, protocol), '']),
    ...rememberInbound(nat, spoken),
    '',
    '# Where packets leave, when the outside port is chosen.',
    'chain learn {',
    '  type filter hook postrouting priority srcnat + 10; policy accept;',
    '  # Marked: a TCP connection that is closing.',
    '  tcp flags & (fin | rst) != 0 ct mark set 1',
    ...PROTOCOLS.map(
      (protocol) =>
        `  ct direction original ct original ip saddr ${lan} meta l4proto ${protocol} jump learn_${protocol}`,
    ),
    ...PROTOCOLS.map(
      (protocol) =>
        `  ct direction reply ct reply ip saddr ${lan} meta l4proto ${protocol} jump keep_reply_${protocol}`,
    ),
    '  # What comes in keeps a mapping too, as it keeps its entry in conntrack. A TCP connection answers by itself.',
    `  ct direction reply ct original ip saddr ${lan} meta l4proto udp jump keep_inbound_original_udp`,
    `  ct direction original ct reply ip saddr ${lan} meta l4proto udp jump keep_inbound_reply_udp`,
    '}',
    ...(spoken === null ? [] : ['', ...admit(nat, spoken)]),
  ]
}

/** An endpoint of a connection, as conntrack knows it. `meta l4proto` in the same rule gives the port its type. */
const INSIDE = {
  original: 'ct original ip saddr . ct original proto-src',
  reply: 'ct reply ip saddr . ct reply proto-src',
}

/** As much of the destination as the mapping depends on. */
function destination(mapping: Dependence, direction: 'original' | 'reply'): string {
  // The destination as the inside host sees it: before a hairpin translates it.
  const [address, port] =
    direction === 'original'
      ? ['ct original ip daddr', 'ct original proto-dst']
      : ['ct original ip saddr', 'ct original proto-src']
  return { EI: '', AD: ` . ${address}`, APD: ` . ${address} . ${port}` }[mapping]
}

function mappingKey(mapping: Dependence, direction: 'original' | 'reply'): string {
  return `${INSIDE[direction]}${destination(mapping, direction)}`
}

const ENDPOINT_TYPE = 'ipv4_addr . inet_service'
const DESTINATION_TYPE: Record<Dependence, string> = {
  EI: '',
  AD: ' . ipv4_addr',
  APD: ' . ipv4_addr . inet_service',
}

function held(type: string, elements: string[]): string[] {
  return [
    `  type ${type}`,
    '  flags dynamic, timeout',
    `  size ${TABLE_SIZE}`,
    ...(elements.length === 0 ? [] : [`  elements = { ${elements.join(', ')} }`]),
    '}',
  ]
}

function state(nat: NatConfig, wan: string, protocol: Protocol): string[] {
  const forwards = nat.forwards.filter((forward) => forward.protocol === protocol)
  const key = `${ENDPOINT_TYPE}${DESTINATION_TYPE[nat.mapping]}`
  const spoken = spokenKey(nat)
  // A forwarded port is a mapping that never ends: an endpoint-independent one is used both ways, so of several to one
  // inside port the first is.
  const own = nat.mapping === 'EI' ? firstToEach(forwards) : []
  return [
    `map outside_${protocol} {`,
    ...held(
      `${key} : ${ENDPOINT_TYPE}`,
      own.map((forward) => `${forward.to} . ${forward.toPort} : ${wan} . ${forward.port}`),
    ),
    `map inside_${protocol} {`,
    ...held(`inet_service : ${ENDPOINT_TYPE}`, []),
    `set taken_${protocol} {`,
    ...held(
      'inet_service',
      forwards.map((forward) => `${forward.port}`),
    ),
    `set owned_${protocol} {`,
    ...held(
      `inet_service . ${key}`,
      own.map((forward) => `${forward.port} . ${forward.to} . ${forward.toPort}`),
    ),
    ...(spoken === null
      ? []
      : [`set spoken_${protocol} {`, ...held(`${ENDPOINT_TYPE}${DESTINATION_TYPE[spoken]}`, [])]),
  ]
}

function firstToEach(forwards: Forward[]): Forward[] {
  return forwards.filter(
    (forward, index) =>
      index ===
      forwards.findIndex((other) => other.to === forward.to && other.toPort === forward.toPort),
  )
}

/**
 * What must be noted of the destinations that an inside endpoint has spoken to: null where the filter needs none, or
 * where conntrack knows by itself (address-and-port-dependent, but for hairpinning: a packet that is not let in leaves no
 * trace in it, and yet entitles its target to answer).
 */
function spokenKey(nat: NatConfig): 'AD' | 'APD' | null {
  if (nat.filtering === 'EI') return null
  return nat.filtering === 'AD' || nat.hairpin ? nat.filtering : null
}

function timeoutsOf(nat: NatConfig): { transitory: string; established: string; udp: string } {
  const timeouts = conntrackTimeouts(nat.timeouts)
  return {
    transitory: `${timeouts.tcpTransitoryS}s`,
    established: `${timeouts.tcpEstablishedS}s`,
    udp: `${timeouts.udpS}s`,
  }
}

/** Before translation, so that a hairpin's destination is still the one that was spoken to. */
function noteDestinations(nat: NatConfig, lan: string, spoken: 'AD' | 'APD'): string[] {
  const { transitory, established, udp } = timeoutsOf(nat)
  const note = (protocol: Protocol, timeout: string): string =>
    `update @spoken_${protocol} { ip saddr . ${protocol} sport . ip daddr${spoken === 'AD' ? '' : ` . ${protocol} dport`} timeout ${timeout} }`
  const outbound = `ip saddr ${lan} ip daddr != ${lan}`
  return [
    'chain spoken {',
    '  type filter hook prerouting priority dstnat - 10; policy accept;',
    `  ${outbound} ct state established ${note('tcp', established)} accept`,
    `  ${outbound} ${note('tcp', transitory)}`,
    `  ${outbound} ${note('udp', udp)}`,
    '}',
  ]
}

function answerMappings(nat: NatConfig, wan: string, lan: string): string[] {
  if (nat.filtering === 'APD' && !nat.hairpin) return []
  const from = nat.filtering === 'APD' ? `ip saddr ${lan} ` : ''
  return PROTOCOLS.map(
    (protocol) => `  ${from}ip daddr ${wan} dnat ip to ${protocol} dport map @inside_${protocol}`,
  )
}

function choosePort(nat: NatConfig, wan: string, protocol: Protocol): string[] {
  return [
    `chain choose_${protocol} {`,
    `  meta l4proto ${protocol} snat ip to ${mappingKey(nat.mapping, 'original')} map @outside_${protocol}`,
    ...(nat.ports === 'preserve'
      ? [`  ${protocol} sport != @taken_${protocol} snat ip to ${wan}`]
      : []),
    `  meta l4proto ${protocol} snat ip to ${wan}:${DYNAMIC_PORTS} fully-random`,
    '}',
  ]
}

function remember(nat: NatConfig, protocol: Protocol): string[] {
  const { transitory, established, udp } = timeoutsOf(nat)
  const refresh = (direction: 'original' | 'reply', timeout: string, when: string): string[] => {
    const key = mappingKey(nat.mapping, direction)
    const rule = `meta l4proto ${protocol}${when}`
    return [
      `  ${rule} update @outside_${protocol} { ${key} timeout ${timeout} : ip saddr . ${protocol} sport }`,
      `  ${rule} update @inside_${protocol} { ${protocol} sport timeout ${timeout} : ${INSIDE[direction]} }`,
      `  ${rule} update @taken_${protocol} { ${protocol} sport timeout ${timeout} }`,
      `  ${rule} update @owned_${protocol} { ${protocol} sport . ${key} timeout ${timeout} }`,
    ]
  }
  const phases = (direction: 'original' | 'reply'): string[] =>
    protocol === 'udp'
      ? refresh(direction, udp, '')
      : [
          ...refresh(direction, established, ' ct state established ct mark 0'),
          ...refresh(direction, transitory, ' ct state new'),
          ...refresh(direction, transitory, ' ct mark 1'),
        ]
  const own = `meta l4proto ${protocol} ct state new ${protocol} sport`
  return [
    `chain keep_original_${protocol} {`,
    ...phases('original'),
    '}',
    `chain keep_reply_${protocol} {`,
    ...phases('reply'),
    '}',
    "# A port that is another's already: the packet is not sent, and the next one draws again.",
    `chain learn_${protocol} {`,
    `  ${own} . ${mappingKey(nat.mapping, 'original')} @owned_${protocol} goto keep_original_${protocol}`,
    `  ${own} @taken_${protocol} drop`,
    `  goto keep_original_${protocol}`,
    '}',
  ]
}

/** The outside endpoint of a connection: what is translated to the inside one that `INSIDE` names. */
const OUTSIDE = {
  original: ['ct reply ip daddr', 'ct reply proto-dst'],
  reply: ['ct original ip daddr', 'ct original proto-dst'],
} as const

/** Inbound datagrams: of connections that began inside (`original`), and of those that began outside (`reply`). */
function rememberInbound(nat: NatConfig, spoken: 'AD' | 'APD' | null): string[] {
  const { udp } = timeoutsOf(nat)
  const keep = (direction: 'original' | 'reply'): string[] => {
    const key = mappingKey(nat.mapping, direction)
    const [address, port] = OUTSIDE[direction]
    return [
      `chain keep_inbound_${direction}_udp {`,
      inbound(`@outside_udp { ${key} timeout ${udp} : ${address} . ${port} }`),
      inbound(`@inside_udp { ${port} timeout ${udp} : ${INSIDE[direction]} }`),
      inbound(`@taken_udp { ${port} timeout ${udp} }`),
      inbound(`@owned_udp { ${port} . ${key} timeout ${udp} }`),
      ...(spoken === null || direction === 'reply'
        ? []
        : [
            inbound(
              `@spoken_udp { ${INSIDE.original}${destination(spoken, 'original')} timeout ${udp} }`,
            ),
          ]),
      '}',
    ]
  }
  return [...keep('original'), ...keep('reply')]
}

/** Holds on to something for as long as datagrams come in. */
function inbound(held: string): string {
  return `  meta l4proto udp update ${held}`
}

/** After both translations, so that an insider who hairpins is judged by its outside endpoint, as an outsider is. */
function admit(nat: NatConfig, spoken: 'AD' | 'APD'): string[] {
  const forwarded = (protocol: Protocol): string[] => {
    const ports = nat.forwards
      .filter((forward) => forward.protocol === protocol)
      .map((forward) => forward.port)
    return ports.length === 0
      ? []
      : [`  meta l4proto ${protocol} ct original proto-dst { ${ports.join(', ')} } accept`]
  }
  return [
    'chain admit {',
    '  type filter hook postrouting priority srcnat + 20; policy accept;',
    '  ct status & dnat == 0 accept',
    '  ct state != new accept',
    ...PROTOCOLS.flatMap(forwarded),
    ...PROTOCOLS.map(
      (protocol) =>
        `  ip daddr . ${protocol} dport . ip saddr${spoken === 'AD' ? '' : ` . ${protocol} sport`} @spoken_${protocol} accept`,
    ),
    '  drop',
    '}',
  ]
}
