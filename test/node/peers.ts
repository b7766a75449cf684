import { once } from 'node:events'
import type { PeerId } from '@libp2p/interface'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createPeer, type Peer, type PeerComponents } from '#node/peer/peer.ts'
import type { MemoryNetwork, Place } from './memory-network.ts'

/** Time for what should happen, generous: a machine under load must not fail a test. */
export const SOON_MS = 20_000

/** A started peer of a memory network, listening on port 3000. */
export async function startPeer(
  network: MemoryNetwork,
  place: Place,
  env: Record<string, string> = {},
  components: Partial<PeerComponents> = {},
): Promise<Peer> {
  const transport = network.transport(place)
  const peer = await createPeer(parseConfig(env), { log: silentLog, transport, ...components })
  await peer.start()
  return peer
}

/** The address at which the world dials a peer on port 3000. */
export function addressOf(place: Place): string {
  return `/ip4/${place.publicAddress ?? place.address}/tcp/3000`
}

/** Resolves when `observer` lists `target`. */
export async function lists(observer: Peer, target: PeerId): Promise<void> {
  await until(observer.dht.routingTable, 'peer:add', async () => isListed(observer, target))
}

/** Resolves when `observer` does not list `target` any more. */
export async function unlists(observer: Peer, target: PeerId): Promise<void> {
  await until(
    observer.dht.routingTable,
    'peer:remove',
    async () => !(await isListed(observer, target)),
  )
}

export async function isListed(observer: Peer, target: PeerId): Promise<boolean> {
  return (await observer.dht.routingTable.find(target)) !== undefined
}

/** Resolves when `observer` is connected to `target`. */
export async function connects(observer: Peer, target: PeerId): Promise<void> {
  await until(
    observer.libp2p,
    'peer:connect',
    async () => observer.libp2p.getConnections(target).length > 0,
  )
}

/** The stored addresses of `target` at `observer`. */
export async function knownAddresses(observer: Peer, target: PeerId): Promise<string[]> {
  const { multiaddrs } = await observer.libp2p.peerStore.getInfo(target)
  return multiaddrs.map(String)
}

/** Asks everybody for the peers closest to the node itself, to the end. */
export async function lookUpSelf(peer: Peer): Promise<void> {
  const key = peer.peerId.toMultihash().bytes
  for await (const event of peer.dht.getClosestPeers(key, { signal: AbortSignal.timeout(SOON_MS) }))
    void event
}

/** Waits for events of a kind until what they lead to is so. */
export async function until(
  target: { addEventListener: unknown; removeEventListener: unknown },
  event: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const signal = AbortSignal.timeout(SOON_MS)
  for (;;) {
    const next = once(target as EventTarget, event, { signal })
    // It may be given up for another reason than its own.
    next.catch(() => {})
    if (await isSo()) return
    await next
  }
}
