import type { Dependence, Protocol } from '#orchestrator/net/nat.ts'

/** What a probe measured of one router for one protocol. Null: could not be measured. */
export interface NatProof {
  router: string
  preset: string
  protocol: Protocol
  mapping: Dependence | null
  filtering: Dependence | null
  hairpin: boolean | null
  /** True where every outside port equalled the inside one. */
  portPreservation: boolean | null
  /** Whether the router is what its configuration says. */
  holds: boolean
  /** What differs, one sentence each; empty where it holds. */
  differences: string[]
}
