import type { PeerData, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'

/** Addresses that are kept of one peer: the last ones. */
const MAX_PER_PEER = 4
/** Peers of which addresses are kept: the last ones. */
const MAX_PEERS = 10_000

/** Addresses of peers that are to stay where something else replaces what is stored of them. */
export class KeptAddresses {
  readonly #kept = new Map<string, string[]>()

  keep(peer: string, address: string): void {
    const others = (this.#kept.get(peer) ?? []).filter((known) => known !== address)
    this.#kept.delete(peer)
    this.#kept.set(peer, [address, ...others].slice(0, MAX_PER_PEER))
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_PEERS && oldest !== undefined) this.#kept.delete(oldest)
  }

  forget(peer: string, address: string): void {
    const left = (this.#kept.get(peer) ?? []).filter((known) => known !== address)
    if (left.length === 0) this.#kept.delete(peer)
    else this.#kept.set(peer, left)
  }

  /** The data with the kept addresses in it, where it replaces addresses at all. */
  addedTo(peerId: PeerId, data: PeerData): PeerData {
    const addresses = this.#kept.get(peerId.toString())
    if (addresses === undefined || data.addresses === undefined) return data
    const kept = addresses.map((address) => ({ multiaddr: multiaddr(address), isCertified: false }))
    return { ...data, addresses: [...data.addresses, ...kept] }
  }
}
