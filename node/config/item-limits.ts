/** How large keys and values may be. */
export interface ItemLimits {
  /** Of a key, in bytes of UTF-8. */
  readonly keyBytes: number
  /** Of a value. */
  readonly valueBytes: number
}

/**
 * What reaches peers of every implementation. A peer of rust-libp2p closes the stream on any Kademlia message above 16 KiB
 * (`DEFAULT_MAX_PACKET_SIZE`), and an answer to GET_VALUE carries up to 20 closer peers with their addresses beside the
 * record and its key, twice: half of it is the value's. A key is long enough for a path or two hashes in hex, and short
 * enough that one log line, and a name made of its base32, can hold it.
 */
export const ITEM_LIMITS: ItemLimits = { keyBytes: 512, valueBytes: 8 * 1024 }

/** What a network of kadlab's own nodes may agree on: a message with both has room in the 80 KiB that a node reads. */
export const LARGEST_ITEM: ItemLimits = { keyBytes: 1024, valueBytes: 64 * 1024 }
