import type { AbortOptions } from '../base/abort-options.ts'

export interface WriteOptions extends AbortOptions {
  /**
   * Copies at other peers below which the write fails; 0 is allowed. Default: the node's `PUT_MIN_COPIES`, or a majority
   * of the peers closest to the key that answer.
   */
  replicas?: number
  /** The version that must be there before; null: none. Another one is a `VersionError`, and nothing is written. */
  ifVersion?: string | null
}

export interface PutOptions extends WriteOptions {
  /** After so many ms the record is over: 1 s to 48 h, which is the default. */
  ttlMs?: number
}

export interface PutOutcome {
  /** Other peers that stored the record. */
  copies: number
  /** Their peer ids. */
  holders: string[]
  /** Of the record that was written. Null where its node writes none. */
  version: string | null
}

export interface GetOptions extends AbortOptions {
  /**
   * So many copies of one version are wanted, this node's own among them. With 1 its own copy is the answer, and nobody
   * else is asked. Default: the first record that a peer gives, or this node's own where that is newer.
   */
  agree?: number
}

export interface GetOutcome {
  value: Uint8Array
  /** Peer that gave the record; null for this node's own copy. */
  from: string | null
  /** Null for a plain record. */
  version: string | null
  /** Peer id of who wrote it; null for a plain record. */
  writer: string | null
  /** Copies of that version that were seen. */
  agreed: number
}

export interface WatchOptions extends AbortOptions {
  /** The version that the caller has: it is not told again. Default: none. */
  after?: string
}

/** What is under a key. */
export interface CurrentRecord {
  /** Null where it was deleted. */
  value: Uint8Array | null
  /** Also of a deletion; null for a plain record. */
  version: string | null
  /** Peer id of who wrote or deleted it; null for a plain record. */
  writer: string | null
}

/** What is under a key from now on. */
export interface KeyChange {
  key: string
  /** Null where it was deleted, or its time is over. */
  value: Uint8Array | null
  /** Also of a deletion; null for a plain record, and where a record's time is over. */
  version: string | null
  writer: string | null
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
