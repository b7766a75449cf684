import type { Cause, Evidence, Remedy } from './causes.ts'
import type { Rung } from './ladder.ts'

/** How far one peer has come at this node, and why no further. */
export interface Sighting {
  peerId: string
  rung: Rung
  /** `null` is unknown, or not tried. */
  connected: boolean | null
  listed: boolean | null
  dialable: boolean | null
  /** Addresses that the target announces, as far as it has said; null where it has said nothing. */
  announced: string[] | null
  /** Null on the top rung. */
  cause: Cause | null
  /** Null on the top rung, but for the dials of a target of which some addresses are dead. */
  evidence: Evidence | null
  remedy: Remedy | null
}
