/** Kademlia protocols have no mark of their own; all that are in use have one of these words as a part of the name. */
export function isKademlia(protocol: string): boolean {
  return protocol.split('/').some((part) => part === 'kad' || part === 'dht')
}

/**
 * The name under which the dual Kademlia of go-libp2p (kubo, IPFS) serves private networks beside `protocol`:
 * `/ipfs/lan/kad/1.0.0` beside `/ipfs/kad/1.0.0` (go-libp2p-kad-dht, dual/dual.go). It is no other network's.
 */
export function lanTwinOf(protocol: string): string {
  return protocol.replace(/\/kad\//, '/lan/kad/')
}
