import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'

/** A node's identity: what its environment carries, and under which name its peers know it. */
export interface Identity {
  /** Seed of its Ed25519 key: 64 hex digits. */
  identitySeed: string
  peerId: string
}

/** DER of a PKCS#8 Ed25519 private key (RFC 8410 section 7) up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Identity multihash (code 0x00, length 0x24) of the protobuf message `PublicKey { Type: Ed25519, Data: 32 bytes }`,
 * up to those bytes (libp2p specs, peer-ids).
 */
const PEER_ID_PREFIX = Buffer.from('002408011220', 'hex')

/** The identity of a node in a run: the same for the same run's seed and node's name. */
export function deriveIdentity(seed: number, node: string): Identity {
  const identitySeed = createHash('sha256').update(`kadlab identity ${seed} ${node}`).digest('hex')
  return { identitySeed, peerId: peerIdOf(identitySeed) }
}

/** The peer id of the Ed25519 key with this seed (64 hex digits). */
export function peerIdOf(identitySeed: string): string {
  const seed = Buffer.from(identitySeed, 'hex')
  if (seed.length !== 32) {
    throw new RangeError(
      `expected a seed of 64 hex digits, saw ${identitySeed.length} characters of which ${seed.length * 2} count`,
    )
  }
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(privateKey)
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
  return base58btc.baseEncode(Buffer.concat([PEER_ID_PREFIX, publicKey]))
}
