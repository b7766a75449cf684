import type { Dependence, MappingTimeouts, PortPolicy, PortRule } from './nat.ts'

/** The port that kadlab nodes listen on by default, and so the one that presets open. */
const NODE_PORT = 3000

/**
 * RFC 4787 REQ-5 (UDP: two minutes at least) and RFC 5382 REQ-5 (TCP: established 2 h 4 min, transitory 4 min).
 */
export const RFC_TIMEOUTS: MappingTimeouts = {
  udpMs: 120_000,
  tcpEstablishedMs: 7_440_000,
  tcpTransitoryMs: 240_000,
}

/** The classic names of NATs, and what clouds and carriers do. */
export type NatPresetName =
  | 'public'
  | 'one-to-one'
  | 'port-forward'
  | 'full-cone'
  | 'address-restricted'
  | 'port-restricted'
  | 'symmetric'
  | 'cgnat'

/** A preset's behaviour for one router, before addresses are known. */
export interface RouterPreset {
  mapping: Dependence
  filtering: Dependence
  ports: PortPolicy
  hairpin: boolean
  /** Static translation of one address each: pairs come from the plan. */
  oneToOne: boolean
  allow: PortRule[]
}

export interface NatPreset {
  /** One sentence for docs and for the list of presets. */
  doc: string
  /** What comes in that no inside host asked for, in a few words. */
  letsIn: string
  /** From inside to outside; empty where nodes stand on the internet itself. */
  routers: RouterPreset[]
  /** Real devices and clouds that behave so, for people who ask which preset they have at home. */
  seenAt: readonly Sighted[]
}

/** A device, a cloud or a carrier, and where it is written that it behaves so. */
export interface Sighted {
  what: string
  /** URL of the vendor's own text, a measurement, or the standard that asks for it. */
  source: string
}

const PORT_RESTRICTED: RouterPreset = {
  mapping: 'EI',
  filtering: 'APD',
  ports: 'preserve',
  hairpin: false,
  oneToOne: false,
  allow: [],
}

/** Every preset as data: plans and the documentation's table are made from it. */
export const NAT_PRESETS: Record<NatPresetName, NatPreset> = {
  public: {
    doc: 'No router: the node has its public address on its own interface.',
    letsIn: 'everything',
    routers: [],
    seenAt: [],
  },
  'one-to-one': {
    doc: 'A cloud VM (Azure, AWS, GCP): one public address for one private one, behind a security group.',
    letsIn: `what the group allows (default TCP ${NODE_PORT})`,
    routers: [
      {
        ...PORT_RESTRICTED,
        filtering: 'EI',
        oneToOne: true,
        allow: [{ protocol: 'tcp', port: NODE_PORT }],
      },
    ],
    seenAt: [
      {
        what: 'AWS EC2 with a public or Elastic IP: the internet gateway translates, the instance knows only its private address',
        source: 'https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html',
      },
      {
        what: 'Azure VM with a public IP of its own: a static assignment of ports',
        source:
          'https://learn.microsoft.com/azure/load-balancer/load-balancer-outbound-connections',
      },
      {
        what: "DigitalOcean Reserved IP, which leads to the Droplet's anchor address",
        source:
          'https://docs.digitalocean.com/products/networking/reserved-ips/how-to/find-anchor-ips/',
      },
    ],
  },
  'port-forward': {
    doc: 'A home router whose owner forwards a port to an inside host, and that hairpins.',
    letsIn: 'forwarded ports',
    routers: [{ ...PORT_RESTRICTED, hairpin: true }],
    seenAt: [
      {
        what: 'OpenWrt with a port forward: its option reflection, on by default, is the hairpin',
        source: 'https://openwrt.org/docs/guide-user/firewall/firewall_configuration',
      },
      {
        what: 'What RFC 4787 asks of every NAT (REQ-9): hairpinning',
        source: 'https://www.rfc-editor.org/rfc/rfc4787#section-6',
      },
    ],
  },
  'full-cone': {
    doc: 'Once an inside port has spoken to anybody, everybody reaches it at its outside port.',
    letsIn: 'mapped ports',
    routers: [{ ...PORT_RESTRICTED, filtering: 'EI' }],
    seenAt: [
      {
        what: 'MikroTik RouterOS 7 with action=endpoint-independent-nat (UDP only)',
        source: 'https://help.mikrotik.com/docs/display/ROS/NAT',
      },
      {
        what: 'Routers with a menu NAT Endpoint Filtering, at Endpoint Independent (Solwise NET-PL-200AV11NRT)',
        source: 'https://manualshive.com/en/manual/solwise/net-pl-200av11nrt/1317216?page=45',
      },
      {
        what: 'What RFC 4787 recommends where transparency comes first (REQ-8)',
        source: 'https://www.rfc-editor.org/rfc/rfc4787#section-5',
      },
    ],
  },
  'address-restricted': {
    doc: 'Lets in whoever has an address that the inside port has spoken to.',
    letsIn: 'nothing',
    routers: [{ ...PORT_RESTRICTED, filtering: 'AD' }],
    seenAt: [
      {
        what: 'Routers with a menu NAT Endpoint Filtering, at Address Restricted (Solwise NET-PL-200AV11NRT)',
        source: 'https://manualshive.com/en/manual/solwise/net-pl-200av11nrt/1317216?page=45',
      },
      {
        what: 'What RFC 4787 recommends where strict filtering comes first (REQ-8)',
        source: 'https://www.rfc-editor.org/rfc/rfc4787#section-5',
      },
    ],
  },
  'port-restricted': {
    doc: 'Lets in only the very address and port that the inside port has spoken to: most home routers.',
    letsIn: 'nothing',
    routers: [PORT_RESTRICTED],
    seenAt: [
      {
        what: 'Linux routers (netfilter SNAT and MASQUERADE without --random), and so most home routers: ports are kept where they are free, only answers come in',
        source: 'https://man7.org/linux/man-pages/man8/iptables-extensions.8.html',
      },
      {
        what: 'Google Cloud NAT with endpoint-independent mapping switched on',
        source: 'https://cloud.google.com/nat/docs/ports-and-addresses',
      },
      {
        what: 'pfSense with a Static Port rule',
        source: 'https://docs.netgate.com/pfsense/en/latest/nat/outbound.html',
      },
    ],
  },
  symmetric: {
    doc: 'Another random outside port for each destination: the port that one peer sees is of no use to another.',
    letsIn: 'nothing',
    routers: [{ ...PORT_RESTRICTED, mapping: 'APD', ports: 'random' }],
    seenAt: [
      {
        what: 'AWS NAT gateway, Azure NAT Gateway, and Google Cloud NAT as it is by default',
        source: 'https://tailscale.com/blog/nat-traversal-improvements-pt-2-cloud-environments',
      },
      {
        what: 'pfSense as it is by default: it rewrites the source port of everything but IKE',
        source: 'https://docs.netgate.com/pfsense/en/latest/nat/outbound.html',
      },
      {
        what: 'Linux routers with MASQUERADE --random',
        source: 'https://man7.org/linux/man-pages/man8/iptables-extensions.8.html',
      },
    ],
  },
  cgnat: {
    doc: 'A port-restricted home behind a carrier, which shares its addresses (100.64.0.0/10 between the two).',
    letsIn: 'nothing',
    routers: [PORT_RESTRICTED, { ...PORT_RESTRICTED, ports: 'random' }],
    seenAt: [
      {
        what: 'Starlink, and home internet over mobile networks (T-Mobile, Verizon): no port can be forwarded',
        source: 'https://docs.start9.com/start-os/0.4.0.x/cgnat.html',
      },
      {
        what: 'What RFC 6888 asks of carriers: the mapping of RFC 4787, so EI',
        source: 'https://www.rfc-editor.org/rfc/rfc6888#section-3',
      },
      {
        what: 'The network between the two routers: RFC 6598',
        source: 'https://www.rfc-editor.org/rfc/rfc6598',
      },
    ],
  },
}

export function isNatPresetName(name: string): name is NatPresetName {
  return Object.hasOwn(NAT_PRESETS, name)
}
