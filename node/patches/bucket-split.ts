import type { Contact, KadDHT } from './kad.ts'

/** A node of kad-dht's trie: a leaf has `peers`, an inner one `left` and `right`. */
interface Bucket {
  prefix?: string
  depth: number
  peers?: (Contact & { readonly kadId: Uint8Array })[]
  left?: Bucket
  right?: Bucket
}

/**
 * Makes the routing table split a full bucket in one go.
 *
 * kad-dht's own split (`routing-table/k-bucket.ts`, `_split`) pauses between any two contacts. When several peers join
 * at the same moment, a second split of the same bucket then replaces the halves of the first: contacts that went into
 * those in between are lost without an event, and others stand in the table twice.
 */
export function splitBucketsAtOnce(dht: KadDHT): void {
  const trie = dht.routingTable.kb as unknown as { _split: (bucket: Bucket) => Promise<void> }
  trie._split = async (bucket) => {
    const { peers, depth } = bucket
    // Another addition has split it since this one looked; it goes on in the right half.
    if (peers === undefined) return
    const half = (prefix: '0' | '1'): Bucket => ({
      prefix,
      depth: depth + 1,
      peers: peers.filter(({ kadId }) => bitAt(kadId, depth) === prefix),
    })
    delete bucket.peers
    bucket.left = half('0')
    bucket.right = half('1')
  }
}

/** Most significant first, as in the keys of the trie. */
function bitAt(bytes: Uint8Array, index: number): string {
  return String(((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1)
}
