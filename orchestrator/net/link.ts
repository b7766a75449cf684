/** What each packet on a network meets, in each direction. */
export interface LinkPlan {
  latencyMs: number
  jitterMs: number
  /** Bits a second; null is unlimited. */
  rateBps: number | null
  /** Share of packets that are lost, 0 to 1. */
  loss: number
}
