import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { decode, encode } from 'cborg'
import * as digest from 'multiformats/hashes/digest'
import { describeError } from '../base/errors.ts'
import { InvalidRecordError } from './errors.ts'
import { type Version, writerBytes } from './version.ts'

/** What an envelope begins with, as text; its last part counts the formats. */
const FORMAT = 'kadlab/1'
/** The first bytes of every envelope: an array of seven, and that text. Plain records begin otherwise. */
const BEGINNING = Buffer.concat([Uint8Array.of(0x87), encode(FORMAT)])
/** More than an envelope adds to its value. */
export const ENVELOPE_BYTES = 256
/** Longest life of a record in ms, and the usual one: 48 h. A deletion lives so long: what it deletes is over before. */
export const LONGEST_LIFE_MS = 48 * 60 * 60 * 1000
const SHORTEST_LIFE_MS = 1000

/** What a writer says under a key, and signs. docs/reference/records.md has it byte by byte. */
export interface Envelope {
  readonly version: Version
  /** Life from the version's time, in ms. */
  readonly lifeMs: number
  /** Null where the key was deleted. */
  readonly value: Uint8Array | null
}

/** True for bytes that are an envelope, or pretend to be one. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, BEGINNING.byteLength), BEGINNING) === 0
}

/** The envelope as bytes, signed by its writer's key for one record key: the same bytes each time. */
export async function seal(
  privateKey: PrivateKey,
  record: Uint8Array,
  envelope: Envelope,
): Promise<Uint8Array> {
  const signature = await privateKey.sign(signedBytes(record, envelope))
  return encode([...fieldsOf(envelope), signature])
}

/**
 * Reads an envelope and verifies its signature for a record key.
 *
 * @throws InvalidRecordError for whatever `seal` cannot have made
 */
export function openEnvelope(record: Uint8Array, bytes: Uint8Array): Envelope {
  const { envelope, signature } = parse(bytes)
  // One envelope has one form: else its copies would differ, and bytes could be added to it.
  if (Buffer.compare(encode([...fieldsOf(envelope), signature]), bytes) !== 0) {
    throw new InvalidRecordError('not an envelope: not in its shortest form')
  }
  const key = publicKeyOf(envelope.version.writer)
  if (!verify(null, signedBytes(record, envelope), key, signature)) {
    throw new InvalidRecordError('the signature of the record is not its writer’s for this key')
  }
  return envelope
}

/**
 * Reads an envelope that was verified before, when it came.
 *
 * @throws InvalidRecordError for bytes of another form
 */
export function readEnvelope(bytes: Uint8Array): Envelope {
  return parse(bytes).envelope
}

/** Writers by the bytes of their peer id: each is parsed once. */
const writers = new Map<string, string>()

/** @throws where the bytes are no peer id of an Ed25519 key */
function writerOf(bytes: Uint8Array): string {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const known = writers.get(name)
  if (known !== undefined) return known
  const peerId = peerIdFromMultihash(digest.decode(bytes))
  if (peerId.type !== 'Ed25519') throw new Error('the writer has no Ed25519 key')
  const writer = peerId.toString()
  writers.set(name, writer)
  const [oldest] = writers.keys()
  if (writers.size > MAX_KEYS && oldest !== undefined) writers.delete(oldest)
  return writer
}

/** Writers whose keys are kept ready. */
const MAX_KEYS = 1000
const keys = new Map<string, KeyObject>()

function publicKeyOf(writer: string): KeyObject {
  const known = keys.get(writer)
  if (known !== undefined) return known
  const { publicKey } = peerIdFromString(writer)
  const x = Buffer.from(publicKey?.raw ?? []).toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
  keys.set(writer, key)
  const [oldest] = keys.keys()
  if (keys.size > MAX_KEYS && oldest !== undefined) keys.delete(oldest)
  return key
}

function parse(bytes: Uint8Array): { envelope: Envelope; signature: Uint8Array } {
  try {
    const fields: unknown = decode(bytes, { strict: true })
    if (!Array.isArray(fields) || fields.length !== 7) throw new Error('not an array of seven')
    const [format, writer, timeMs, counter, lifeMs, value, signature] = fields as unknown[]
    if (format !== FORMAT) throw new Error('of another format')
    if (!(writer instanceof Uint8Array)) throw new Error('the writer is no peer id')
    if (!isCount(timeMs) || !isCount(counter) || counter > 0xffff_ffff) {
      throw new Error('the time or the counter is no number')
    }
    if (!isCount(lifeMs) || lifeMs < SHORTEST_LIFE_MS || lifeMs > LONGEST_LIFE_MS) {
      throw new Error(`a record lives ${SHORTEST_LIFE_MS} to ${LONGEST_LIFE_MS} ms`)
    }
    if (value !== null && !(value instanceof Uint8Array)) throw new Error('the value is no bytes')
    if (!(signature instanceof Uint8Array) || signature.byteLength !== 64) {
      throw new Error('the signature is not of 64 bytes')
    }
    const version = { timeMs, counter, writer: writerOf(writer) }
    return { envelope: { version, lifeMs, value }, signature }
  } catch (cause) {
    throw new InvalidRecordError(`not an envelope: ${describeError(cause)}`, { cause })
  }
}

function fieldsOf({ version, lifeMs, value }: Envelope): unknown[] {
  const { timeMs, counter, writer } = version
  return [FORMAT, writerBytes(writer), timeMs, counter, lifeMs, value]
}

/** What is signed: the key comes first, so that a record is of use under no other. */
function signedBytes(record: Uint8Array, envelope: Envelope): Uint8Array {
  return encode([record, ...fieldsOf(envelope)])
}

/** A life as an envelope may have it. */
export function isLife(lifeMs: number): boolean {
  return isCount(lifeMs) && lifeMs >= SHORTEST_LIFE_MS && lifeMs <= LONGEST_LIFE_MS
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
