import type { AbortOptions } from '../base/abort-options.ts'

export interface PutOptions extends AbortOptions {
  /** Copies at other peers below which the put fails. Default: the node's `PUT_MIN_COPIES`. */
  minCopies?: number
}

export interface PutOutcome {
  /** Other peers that stored the record. */
  copies: number
}

export interface GetOutcome {
  value: Uint8Array
  /** Peer that gave the record; null for this node's own copy. */
  from: string | null
}

export interface ProvideOutcome {
  /** Peers that were told. */
  told: number
}
