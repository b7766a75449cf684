/** What people call a peer: its name where one is known, else the end of its peer id. */
export function peerNameOf(peerId: string, names: ReadonlyMap<string, string>): string {
  return names.get(peerId) ?? shortPeerId(peerId)
}

/** The end of a peer id, which differs where the beginning does not. */
function shortPeerId(peerId: string): string {
  return peerId.length <= 10 ? peerId : `…${peerId.slice(-8)}`
}
