import type { MappingTimeouts } from '../net/nat.ts'

/** Timeouts as the kernel takes them. */
export interface ConntrackTimeouts {
  udpS: number
  tcpEstablishedS: number
  tcpTransitoryS: number
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** Whole seconds, one at least: no mapping ends before its time. */
export function conntrackTimeouts(timeouts: MappingTimeouts): ConntrackTimeouts {
  return {
    udpS: seconds(timeouts.udpMs),
    tcpEstablishedS: seconds(timeouts.tcpEstablishedMs),
    tcpTransitoryS: seconds(timeouts.tcpTransitoryMs),
  }
}

/** States of a TCP connection that is not established yet, or is closing. */
const TRANSITORY_STATES = [
  'syn_sent',
  'syn_recv',
  'fin_wait',
  'close_wait',
  'last_ack',
  'time_wait',
] as const

/**
 * Kernel settings of a router's network namespace, by their sysctl names.
 *
 * `rp_filter` and `send_redirects` are off for hairpinning: a packet there leaves by the way that it came. `tcp_loose` is
 * the kernel's default, stated: a router that forgot its mappings makes a new one for whatever an inside host sends next.
 */
export function routerSysctls(timeouts: MappingTimeouts): Record<string, string> {
  const { udpS, tcpEstablishedS, tcpTransitoryS } = conntrackTimeouts(timeouts)
  const conntrack = 'net.netfilter.nf_conntrack'
  return {
    'net.ipv4.ip_forward': '1',
    'net.ipv4.conf.all.rp_filter': '0',
    'net.ipv4.conf.default.rp_filter': '0',
    'net.ipv4.conf.all.send_redirects': '0',
    'net.ipv4.conf.default.send_redirects': '0',
    [`${conntrack}_tcp_loose`]: '1',
    [`${conntrack}_udp_timeout`]: `${udpS}`,
    [`${conntrack}_udp_timeout_stream`]: `${udpS}`,
    [`${conntrack}_tcp_timeout_established`]: `${tcpEstablishedS}`,
    ...Object.fromEntries(
      TRANSITORY_STATES.map((state) => [`${conntrack}_tcp_timeout_${state}`, `${tcpTransitoryS}`]),
    ),
  }
}
