import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeyPairFromSeed, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { loadIdentity } from '#node/peer/identity.ts'

const SEED = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'

describe('loadIdentity', () => {
  it('makes the same key from the same seed', async () => {
    const key = await loadIdentity({ kind: 'seed', seed: SEED })
    const expected = await generateKeyPairFromSeed('Ed25519', Buffer.from(SEED, 'hex'))
    assert.ok(key.equals(expected))
  })

  it('makes another key each time where no source is named', async () => {
    const [a, b] = [await loadIdentity({ kind: 'random' }), await loadIdentity({ kind: 'random' })]
    assert.ok(!a.equals(b))
  })

  it('creates the file and its folder, for the owner alone, and reads the same key again', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const path = join(dir.path, 'deep', 'identity.pem')
    const first = await loadIdentity({ kind: 'file', path })
    const again = await loadIdentity({ kind: 'file', path })
    assert.ok(first.equals(again))
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.match(await readFile(path, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/)
    assert.deepEqual(await readdir(join(dir.path, 'deep')), ['identity.pem'])
  })

  it('gives two that start at once the same key', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const path = join(dir.path, 'identity.pem')
    const load = `
      import { loadIdentity } from '#node/peer/identity.ts'
      const key = await loadIdentity({ kind: 'file', path: ${JSON.stringify(path)} })
      process.stdout.write(key.publicKey.toString())`
    const start = async (): Promise<string> =>
      new Promise((resolve, reject) => {
        execFile(process.execPath, ['--input-type=module', '-e', load], (error, stdout) =>
          error === null ? resolve(stdout) : reject(error),
        )
      })
    const [a, b] = await Promise.all([start(), start()])
    assert.equal(a, b)
  })

  it('reads an Ed25519 key in PKCS#8 PEM made elsewhere, and in libp2p protobuf', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const pem = join(dir.path, 'key.pem')
    await writeFile(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const fromPem = await loadIdentity({ kind: 'file', path: pem })
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    assert.deepEqual(Buffer.from(fromPem.publicKey.raw), raw)

    const protobuf = join(dir.path, 'key.bin')
    await writeFile(protobuf, privateKeyToProtobuf(fromPem))
    assert.ok((await loadIdentity({ kind: 'file', path: protobuf })).equals(fromPem))
  })

  it('refuses a corrupt, empty or foreign file and leaves it as it was', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const flipped = (at: number): Buffer => {
      const bytes = Buffer.from(privateKeyToProtobuf(whole))
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      return bytes
    }
    const whole = await generateKeyPairFromSeed('Ed25519', Buffer.from(SEED, 'hex'))
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const contents = [
      '-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n',
      '',
      '\u0001\u0002\u0003',
      rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
      flipped(20),
      flipped(60),
    ].map((content) => Buffer.from(content))
    for (const [index, content] of contents.entries()) {
      const path = join(dir.path, `${index}.pem`)
      await writeFile(path, content)
      await assert.rejects(loadIdentity({ kind: 'file', path }), {
        name: 'IdentityError',
        message: /expected an Ed25519 private key/,
      })
      assert.deepEqual(await readFile(path), content)
    }
    assert.equal((await readdir(dir.path)).length, contents.length)
  })

  it('says so where the file cannot be created', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    await writeFile(join(dir.path, 'file'), '')
    await assert.rejects(
      loadIdentity({ kind: 'file', path: join(dir.path, 'file', 'identity.pem') }),
      {
        name: 'IdentityError',
      },
    )
  })
})
