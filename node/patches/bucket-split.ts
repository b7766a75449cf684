import { bitAt, type Bucket, type KadDHT } from './kad.ts'
import { wrap } from './wrap.ts'

/**
 * Makes the routing table split a full bucket in one go.
 *
 * kad-dht's own split (`routing-table/k-bucket.ts`, `_split`) pauses between any two contacts. When several peers join
 * at the same moment, a second split of the same bucket then replaces the halves of the first: contacts that went into
 * those in between are lost without an event, and others stand in the table twice.
 */
export function splitBucketsAtOnce(dht: KadDHT): void {
  wrap(dht.routingTable.kb, '_split', () => async (bucket) => {
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
  })
}
