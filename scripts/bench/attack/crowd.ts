import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { FrameReader } from '#node/kad/frames.ts'
import { decodeMessage, encodeFrame, type WirePeer } from '#node/kad/message.ts'
import { openHost, type Target } from './attacker-host.ts'
import { HONEST_HOSTS, PORT } from './namespace.ts'

const TOLD = 20

/** What the peers of a crowd do with a stream of Kademlia. */
type Behaviour = (stream: Stream, likes: readonly WirePeer[]) => void

export interface CrowdOptions {
  count: number
  firstPort: number
  onKad: Behaviour
}

/** Peers of one host that connect to every honest node and announce where they listen. */
export async function openCrowd(target: Target, options: CrowdOptions): Promise<void> {
  const { count, firstPort, onKad } = options
  const keys = await Promise.all(
    Array.from({ length: count }, async () => generateKeyPair('Ed25519')),
  )
  const likes = keys.map((key, index) => ({
    id: peerIdFromPrivateKey(key).toMultihash().bytes,
    multiaddrs: [multiaddr(`/ip4/${target.host}/tcp/${firstPort + index}`).bytes],
  }))
  for (const [index, privateKey] of keys.entries()) {
    if (target.signal.aborted) return
    const libp2p = await openHost(target, {
      privateKey,
      listenPort: firstPort + index,
      onKad: (stream) => onKad(stream, likes),
    })
    for (const host of HONEST_HOSTS) {
      const address = multiaddr(`/ip4/${host}/tcp/${PORT}`)
      await libp2p.dial(address, { signal: target.signal }).catch(() => {})
    }
  }
}

/** Never answers. */
export function keepSilent(): void {}

/** Says that it stores and does not, has nothing, and knows nobody but its likes. */
export function lie(stream: Stream, likes: readonly WirePeer[]): void {
  const reader = new FrameReader(1_000_000)
  stream.addEventListener('message', ({ data }) => {
    for (const bytes of reader.push(data.subarray())) {
      const asked = decodeMessage(bytes)
      if (asked.type === 'ADD_PROVIDER') continue
      const first = Math.floor(Math.random() * (likes.length - TOLD))
      const answer =
        asked.type === 'PUT_VALUE' ? asked : { ...asked, closer: likes.slice(first, first + TOLD) }
      stream.send(encodeFrame(answer))
    }
  })
}
