import { createPrivateKey, type KeyObject } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PrivateKey } from '@libp2p/interface'
import { describeError, KadlabError } from '../base/errors.ts'
import type { IdentitySource } from '../config/config.ts'

/** The node's private key cannot be had. The file, where there is one, is as it was. */
export class IdentityError extends KadlabError {
  static override readonly name = 'IdentityError'
}

/**
 * The private key that a source stands for. A file that does not exist is created with a new key, readable by its
 * owner alone, and so is the folder that holds it.
 *
 * @throws IdentityError where the file cannot be read or written, or holds no Ed25519 key.
 */
export async function loadIdentity(source: IdentitySource): Promise<PrivateKey> {
  if (source.kind === 'random') return generateKeyPair('Ed25519')
  if (source.kind === 'seed') return fromSeed(source.seed)
  const bytes = await readIfThere(source.path)
  return bytes === null ? createFile(source.path) : parse(source.path, bytes)
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new IdentityError(
      `the identity file ${path} exists and cannot be read: ${describeError(error)}`,
      { cause: error },
    )
  }
}

async function createFile(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  const aside = `${path}.${process.pid}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(aside, toPem(key), { mode: 0o600, flag: 'w' })
    // The umask takes bits away and never adds any, but the file may have been there from a start that was killed.
    await chmod(aside, 0o600)
    await publish(aside, path)
    return key
  } catch (error) {
    const winner = await readIfThere(path)
    if (winner !== null) return parse(path, winner)
    throw new IdentityError(
      `the identity file ${path} does not exist and cannot be created: ${describeError(error)}`,
      { cause: error },
    )
  } finally {
    await rm(aside, { force: true })
  }
}

/** A link, other than a rename, fails where another process was faster: then its key is the node's. */
async function publish(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // File shares without hard links: no two nodes share a folder there by accident.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error
    await rename(aside, path)
  }
}

function parse(path: string, bytes: Uint8Array): PrivateKey {
  try {
    return isPem(bytes) ? fromPem(bytes) : fromProtobuf(bytes)
  } catch (error) {
    throw new IdentityError(
      `expected an Ed25519 private key, as PKCS#8 PEM or libp2p protobuf, in ${path}; ` +
        `saw ${bytes.byteLength} bytes that are none (${describeError(error)}); ` +
        'put a copy of the key there, or move the file away to get a new identity',
      { cause: error },
    )
  }
}

/** DER of a PKCS#8 Ed25519 private key (RFC 8410 section 7) up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Node derives the public key natively; libp2p's `generateKeyPairFromSeed` takes 40 ms of a node's start for it. */
function fromSeed(seed: string): PrivateKey {
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.from(seed, 'hex')])
  return toLibp2p(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
}

function isPem(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 1024)).toString('latin1').includes('-----BEGIN')
}

function fromPem(bytes: Uint8Array): PrivateKey {
  const key = createPrivateKey({ key: Buffer.from(bytes), format: 'pem' })
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`it holds a key of type ${key.asymmetricKeyType}`)
  }
  return toLibp2p(key)
}

/** libp2p takes the two halves for a pair, whatever they are: a node of one that is none could sign nothing. */
function fromProtobuf(bytes: Uint8Array): PrivateKey {
  const key = privateKeyFromProtobuf(bytes)
  if (key.type !== 'Ed25519') throw new Error(`it holds a key of type ${key.type}`)
  const whole = fromSeed(Buffer.from(key.raw.subarray(0, 32)).toString('hex'))
  if (!whole.equals(key)) throw new Error('its public key is not that of its private key')
  return key
}

function toLibp2p(key: KeyObject): PrivateKey {
  const { d = '', x = '' } = key.export({ format: 'jwk' })
  return privateKeyFromRaw(
    Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]),
  )
}

function toPem(key: Ed25519PrivateKey): string {
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: Buffer.from(key.raw.subarray(0, 32)).toString('base64url'),
    x: Buffer.from(key.publicKey.raw).toString('base64url'),
  }
  const pem = createPrivateKey({ key: jwk, format: 'jwk' })
  return pem.export({ type: 'pkcs8', format: 'pem' }).toString()
}
