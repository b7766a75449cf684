import type { LinkPlan } from '../net/link.ts'
import type { NatConfig } from '../net/nat.ts'
import type { Step } from '../words/steps/steps.ts'

/**
 * A scenario with every address, identity and environment value decided. Pure data: JSON, the same for the same
 * scenario, seed and taken subnets. IPv4 addresses and CIDRs are strings.
 */
export interface Plan {
  scenario: string
  seed: number
  /** Networks, the internet first. */
  networks: NetworkPlan[]
  routers: RouterPlan[]
  /** Variants that share these networks and routers; at least one. */
  variants: VariantPlan[]
}

export interface NetworkPlan {
  /** Unique in the plan: `internet`, a site's name, or `<site>-carrier`. */
  name: string
  /** CIDR. In the sim two networks may have the same one. */
  subnet: string
  /** Inside address of the router that serves the network; null on the internet. */
  gateway: string | null
  link: LinkPlan
}

export interface RouterPlan {
  /** Unique in the plan: `<site>`'s router is `<site>-router`, a carrier's `<site>-carrier-router`. */
  name: string
  site: string
  /** The preset that it was made from, for people. */
  preset: string
  nat: NatConfig
  lan: {
    network: string
    /** The gateway address of the network. */
    address: string
    /** A second address of the subnet, for fabrics whose engine owns the gateway's (docker: the container's own). */
    ownAddress: string
  }
  wan: {
    network: string
    /** The outside address. */
    address: string
    /** Further outside addresses that the router answers for (1:1). */
    furtherAddresses: string[]
    /** The next router's inside address; null where the outside is the internet. */
    gateway: string | null
  }
}

export interface VariantPlan {
  name: string
  /** What the variant shows, in one sentence; may be empty. */
  title: string
  nodes: NodePlan[]
  steps: Step[]
}

export interface NodePlan {
  name: string
  /** `kadlab`, or the name of a foreign program. */
  program: string
  site: string
  network: string
  /** Address on its interface. */
  address: string
  /** Default route; null on the internet. */
  gateway: string | null
  /** The address under which the world sees it: its own, its 1:1 pair's, or its router's outermost. */
  publicAddress: string
  peerId: string
  /** 64 hex digits. */
  identitySeed: string
  /** The variables that the scenario sets (templates filled in): what variants are compared by. */
  settings: Record<string, string>
  /** The whole environment: settings, identity, bootstrap, control. */
  env: Record<string, string>
  /** False where the scenario starts it by a step. */
  autostart: boolean
  /** Nodes that must listen before this one is started. */
  startsAfter: string[]
  /** How far its clock is ahead of the right time, in milliseconds; left out: not at all. */
  clockErrorMs?: number
}
