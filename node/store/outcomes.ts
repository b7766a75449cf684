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

export interface ListOptions extends AbortOptions {
  /** Only keys behind this one; default and '': from the first. */
  after?: string
  /** Most keys of the page, from 1 to 500. Default 100. */
  limit?: number
}

/** Some of the keys whose values a node itself holds. */
export interface KeyPage {
  /** In the order of their UTF-8 bytes. */
  keys: HeldKey[]
  /** What `after` is for the next page; null where this is the last. */
  next: string | null
}

export interface HeldKey {
  key: string
  valueBytes: number
}

export interface ProvideOutcome {
  /** Peers that were told. */
  told: number
}
