import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import * as fc from 'fast-check'
import {
  type Envelope,
  ENVELOPE_BYTES,
  isEnvelope,
  LONGEST_LIFE_MS,
  openEnvelope,
  seal,
} from '#node/store/envelope.ts'
import { foreignValue } from '#node/store/foreign-value.ts'
import { versionText } from '#node/store/version.ts'

interface Vector {
  name: string
  seed: string
  key: string
  writer: string
  timeMs: number
  counter: number
  lifeMs: number
  value: string | null
  version: string
  envelope: string
}

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = new URL('../../../docs/reference/record-vectors.json', import.meta.url)
const vectors = JSON.parse(await readFile(file, 'utf8')) as Vector[]
const invalid = { name: 'InvalidRecordError' }

function envelopeOf({ timeMs, counter, writer, lifeMs, value }: Vector): Envelope {
  const version = { timeMs, counter, writer }
  return { version, lifeMs, value: value === null ? null : Uint8Array.from(hex(value)) }
}

describe('an envelope', () => {
  for (const vector of vectors) {
    it(`is written and read as documented: ${vector.name}`, async () => {
      const envelope = envelopeOf(vector)
      const record = utf8(`/kv/${vector.key}`)
      const privateKey = await generateKeyPairFromSeed('Ed25519', hex(vector.seed))
      const bytes = await seal(privateKey, record, envelope)
      assert.equal(Buffer.from(bytes).toString('hex'), vector.envelope)
      assert.ok(isEnvelope(bytes))
      assert.deepEqual(openEnvelope(record, hex(vector.envelope)), envelope)
      assert.equal(versionText(envelope.version), vector.version)
      assert.ok(bytes.byteLength - (envelope.value?.byteLength ?? 0) <= ENVELOPE_BYTES)
      assert.throws(() => openEnvelope(utf8('/kv/another'), bytes), invalid)
    })
  }

  it('is refused where any byte of it is another, or one is added or left out', () => {
    for (const { envelope: text, key } of vectors) {
      const [bytes, record] = [hex(text), utf8(`/kv/${key}`)]
      fc.assert(
        fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const forged = Uint8Array.from(bytes)
          forged[at] = (forged[at] ?? 0) ^ flip
          assert.throws(() => openEnvelope(record, forged), invalid)
          assert.throws(() => openEnvelope(record, bytes.subarray(0, at)), invalid)
          assert.throws(() => openEnvelope(record, Buffer.concat([bytes, forged])), invalid)
        }),
      )
    }
  })

  it('is refused in another form of the same: longer numbers, a signature of another length', () => {
    const [vector] = vectors
    assert.ok(vector)
    const record = utf8(`/kv/${vector.key}`)
    // The counter 0 in two bytes instead of one.
    const long = vector.envelope.replace(/00(1a0a4cb800)/, '1800$1')
    assert.notEqual(long, vector.envelope)
    assert.throws(() => openEnvelope(record, hex(long)), invalid)
  })

  it('of anything at all is no crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(isEnvelope(bytes), false)
        const pretended = Buffer.concat([hex(vectors[0]?.envelope ?? '').subarray(0, 10), bytes])
        assert.throws(() => openEnvelope(utf8('/kv/x'), pretended), invalid)
        assert.throws(() => openEnvelope(utf8('/kv/x'), bytes), invalid)
      }),
      { numRuns: 2000 },
    )
  })

  it('lives at most 48 h: a deletion outlives what it deletes', async () => {
    const [vector] = vectors
    assert.ok(vector)
    const record = utf8(`/kv/${vector.key}`)
    const privateKey = await generateKeyPairFromSeed('Ed25519', hex(vector.seed))
    for (const lifeMs of [999, LONGEST_LIFE_MS + 1, 1.5, -1]) {
      const bytes = await seal(privateKey, record, { ...envelopeOf(vector), lifeMs })
      assert.throws(() => openEnvelope(record, bytes), invalid)
    }
  })

  it('that a peer of another implementation holds is read there, and plain bytes as they are', () => {
    const [value, , deletion] = vectors
    assert.ok(value !== undefined && deletion !== undefined)
    const record = utf8('/kv/greeting')
    const read = foreignValue(record, hex(value.envelope))
    assert.equal(Buffer.from(read?.value ?? []).toString(), 'hello')
    assert.deepEqual([read?.version, read?.writer], [value.version, value.writer])
    assert.equal(foreignValue(record, hex(deletion.envelope)), null)
    assert.equal(foreignValue(record, utf8('raw'))?.version, null)
    assert.throws(() => foreignValue(utf8('/kv/x'), hex(value.envelope)), invalid)
  })
})
