import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromPrivateKey } from '@libp2p/peer-id'
import { decode, encode } from 'cborg'
import * as fc from 'fast-check'
import * as digest from 'multiformats/hashes/digest'
import { type Damage, damaged, damages } from './fuzz.ts'

/** The time at which records are read here, in ms since the epoch. */
export const NOW = Date.UTC(2026, 0, 1)
const HOUR_MS = 60 * 60 * 1000

/** How a record is made that may be right, or wrong in any way. */
export interface Forgery {
  /** Under which key it is read. */
  readonly key: number
  /** For which key it was signed; null: for that one. */
  readonly signedFor: number | null
  readonly signer: number
  readonly fields: readonly unknown[]
  /** Fields that are another writer's, or nobody's. */
  readonly replaced: readonly { readonly at: number; readonly by: unknown }[]
  /** Whether what is replaced is signed too, or comes after. */
  readonly isSignedLast: boolean
  readonly damage: readonly Damage[]
}

export interface Forged {
  readonly record: Uint8Array
  readonly bytes: Uint8Array
}

const SIGNERS = 3

const anything = fc.oneof(
  fc.constantFrom(null, true, '', 'kadlab/1', 'kadlab/2', -1, 0.5, 2 ** 40, 2 ** 53, Infinity, NaN),
  fc.nat(),
  fc.string(),
  fc.uint8Array({ maxLength: 80 }),
  fc.array(fc.nat(9), { maxLength: 3 }),
)

export const forgeries: fc.Arbitrary<Forgery> = fc.record({
  key: fc.nat(7),
  signedFor: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.nat(7)),
  signer: fc.nat(SIGNERS - 1),
  fields: fc.tuple(
    fc.oneof(fc.integer({ min: NOW - 60 * HOUR_MS, max: NOW + HOUR_MS }), fc.constant(NOW)),
    fc.oneof(fc.nat(3), fc.constantFrom(0xffff_ffff, 0x1_0000_0000)),
    fc.integer({ min: 500, max: 49 * HOUR_MS }),
    fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 100 })),
  ),
  replaced: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(fc.record({ at: fc.nat(6), by: anything }), { maxLength: 2 }),
  ),
  isSignedLast: fc.boolean(),
  damage: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, damages),
})

/** Makes the records that forgeries stand for, and says of any bytes whether they are a right one. */
export class Forger {
  readonly #signers: PrivateKey[]
  readonly #keys: Uint8Array[]

  private constructor(signers: PrivateKey[]) {
    this.#signers = signers
    const owner = signers[0] === undefined ? '' : peerIdFromPrivateKey(signers[0]).toString()
    const texts = ['/kv/a', '/kv/a', '/kv/a', '/kv/b', `/kv/own/${owner}/x`, '/kv/own/nobody/x']
    this.#keys = [...texts.map((text) => Buffer.from(text)), Buffer.from('/pk/a'), Buffer.from([])]
  }

  static async create(): Promise<Forger> {
    const seeds = Array.from({ length: SIGNERS }, (_, index) => Buffer.alloc(32, index + 1))
    return new Forger(
      await Promise.all(seeds.map(async (seed) => generateKeyPairFromSeed('Ed25519', seed))),
    )
  }

  async make(forgery: Forgery): Promise<Forged> {
    const signer = this.#signers[forgery.signer] ?? unknownSigner()
    const writer = peerIdFromPrivateKey(signer).toMultihash().bytes
    const record = this.#key(forgery.key)
    const fields: unknown[] = ['kadlab/1', writer, ...forgery.fields]
    const replace = (): void => {
      for (const { at, by } of forgery.replaced) fields[at] = by
    }
    if (forgery.isSignedLast) replace()
    const signedFor = this.#key(forgery.signedFor ?? forgery.key)
    fields.push(await signer.sign(encode([signedFor, ...fields])))
    if (!forgery.isSignedLast) replace()
    return { record, bytes: damaged(encode(fields), forgery.damage) }
  }

  #key(index: number): Uint8Array {
    return this.#keys[index] ?? Buffer.from([])
  }
}

/**
 * Why bytes are no right record under a key; null where they are one. By other code than the store's: libp2p's own
 * verification, and the documented form.
 */
export async function whyWrong({ record, bytes }: Forged): Promise<string | null> {
  let fields: unknown
  try {
    fields = decode(bytes)
  } catch {
    return 'no CBOR'
  }
  if (!Array.isArray(fields) || fields.length !== 7) return 'not seven fields'
  const [, writer, timeMs, , lifeMs, , signature] = fields as [
    unknown,
    Uint8Array,
    number,
    unknown,
    number,
    unknown,
    Uint8Array,
  ]
  const signed = fields.slice(0, 6) as unknown[]
  if (!Buffer.from(encode(fields)).equals(bytes)) return 'not in its shortest form'
  const peerId = peerIdFromMultihash(digest.decode(writer))
  if (peerId.publicKey === undefined) return 'no key in the writer’s id'
  if (!(await peerId.publicKey.verify(encode([record, ...signed]), signature))) return 'not signed'
  if (timeMs > NOW + 5 * 60_000) return 'of the future'
  if (timeMs + lifeMs < NOW) return 'over'
  const key = Buffer.from(record).toString()
  if (!key.startsWith('/kv/')) return 'of another namespace'
  const owner = key.split('/')[3]
  if (key.startsWith('/kv/own/') && owner !== peerId.toString()) return 'another’s key'
  return null
}

/** The value in a right record; null for a deletion. */
export function valueIn(bytes: Uint8Array): Uint8Array | null {
  const fields: unknown = decode(bytes)
  const value: unknown = Array.isArray(fields) ? fields[5] : null
  return value instanceof Uint8Array ? value : null
}

function unknownSigner(): never {
  throw new Error('there is no such signer')
}
