import assert from 'node:assert/strict'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import * as fc from 'fast-check'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { Contacts } from '#node/kad/distance.ts'
import { FrameReader } from '#node/kad/frames.ts'
import { decodeMessage, decodeRecord, encodeFrame, encodeRecord } from '#node/kad/message.ts'
import { varintBytes } from '#node/kad/protobuf.ts'
import { answerValues } from '#node/store/answer-values.ts'
import { createLocalRecords, type LocalRecords } from '#node/store/local-records.ts'
import type { RecordRules } from '#node/store/records.ts'
import { createValues, type Values } from '#node/store/values.ts'
import { systemClock } from '#node/time/clock.ts'
import { LifeClock } from '../store/life-clock.ts'
import { LightWire } from '../store/wire.ts'
import { forgeries, type Forgery, Forger, NOW, valueIn, whyWrong } from './forged.ts'
import { type Damage, damaged, damages, type FuzzOptions, parametersOf, Tally } from './fuzz.ts'
import { assertRefusal } from './records.ts'

/** Few, so that they are reached. */
const MAX_RECORDS = 20
const VALUE = Buffer.from('v')
/** Its own, and those of whom it lists. */
const KEYS = Promise.all(
  [50, 51, 52].map(async (seed) => generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, seed))),
)

/** A message as another peer may send it. */
interface Sent {
  readonly type: 'PUT_VALUE' | 'GET_VALUE' | 'FIND_NODE'
  readonly forgery: Forgery
  /** The key of the message; null: that of the record. */
  readonly key: Uint8Array | null
  readonly hasRecord: boolean
  readonly peers: readonly { readonly id: Uint8Array; readonly multiaddrs: Uint8Array[] }[]
  readonly damage: readonly Damage[]
  /** In place of all that; null: as said. */
  readonly raw: Uint8Array | null
}

const peer = fc.record({
  id: fc.uint8Array({ maxLength: 45 }),
  multiaddrs: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
})

const sent: fc.Arbitrary<Sent> = fc.record({
  type: fc.constantFrom('PUT_VALUE', 'GET_VALUE', 'FIND_NODE'),
  forgery: forgeries,
  key: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, fc.uint8Array({ maxLength: 60 })),
  hasRecord: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn > 0),
  peers: fc.array(peer, { maxLength: 3 }),
  damage: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, damages),
  raw: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.uint8Array({ maxLength: 90 })),
})

async function messageOf(forger: Forger, each: Sent): Promise<Uint8Array> {
  if (each.raw !== null) return each.raw
  const { record: name, bytes } = await forger.make(each.forgery)
  const record = encodeRecord({ key: name, value: bytes })
  const { type, peers: closer } = each
  const key = each.key ?? name
  const frame = encodeFrame({ type, key, closer, ...(each.hasRecord ? { record } : {}) })
  const [message] = new FrameReader(1_000_000).push(frame)
  return damaged(message ?? Buffer.from([]), each.damage)
}

function framed(message: Uint8Array): Uint8Array {
  return Buffer.concat([varintBytes(message.byteLength), message])
}

/** A store over a wire on which whatever it asks is answered with the same. */
class Victim {
  readonly light: LightWire
  readonly local: LocalRecords
  readonly values: Values
  /** What every question is answered with. */
  answer: Uint8Array = Buffer.from([])

  private constructor(privateKey: Parameters<typeof peerIdFromPrivateKey>[0]) {
    const clock = new LifeClock(systemClock, 0)
    const rules: RecordRules = {
      items: ITEM_LIMITS,
      plain: false,
      clock: { ...systemClock, now: () => NOW },
    }
    this.light = new LightWire({
      peerId: peerIdFromPrivateKey(privateKey),
      clock,
      count: 3,
      send: async () => ({ answer: this.answer }),
      isConnected: () => true,
    })
    const { wire } = this.light
    this.local = createLocalRecords({
      datastore: new MemoryDatastore(),
      clock: rules.clock,
      place: this.light.contact.place,
      limits: { records: MAX_RECORDS, bytes: 100_000, writesPerSecond: 1_000_000 },
      plain: false,
    })
    answerValues({ wire, local: this.local, rules })
    this.values = createValues(
      { wire, local: this.local, clock: rules.clock, rules, privateKey },
      { minCopies: 1, queryTimeoutMs: 5000, parallel: 3 },
    )
  }

  static async create(): Promise<Victim> {
    const [own, ...others] = await KEYS
    if (own === undefined) throw new Error('there is no key')
    const victim = new Victim(own)
    const contacts = new Contacts()
    for (const other of others) victim.light.list(contacts.of(peerIdFromPrivateKey(other)))
    return victim
  }

  /** Nothing is held that is not right. */
  async checkHeld(): Promise<void> {
    const held = await this.local.list(null, 1000, () => true)
    assert.ok(held.length <= MAX_RECORDS)
    for (const { record } of held) {
      const { bytes } = (await this.local.get(record)) ?? assert.fail('it is listed')
      assert.equal(await whyWrong({ record, bytes }), null, 'it is held')
    }
  }
}

/** Whatever others send is answered or refused with a reason, and only what is right is kept. */
export async function fuzzMessages(options: FuzzOptions): Promise<Tally> {
  const tally = new Tally()
  const [forger, victim] = [await Forger.create(), await Victim.create()]
  const [from] = victim.light.wire.closestListed(victim.light.contact.place, 1)
  if (from === undefined) throw new Error('nobody is listed')
  await fc.assert(
    fc.asyncProperty(sent, async (each) => {
      const frame = framed(await messageOf(forger, each))
      try {
        const answer = await victim.light.answer(from, frame)
        const [message] = new FrameReader(256 * 1024).push(answer)
        decodeMessage(message ?? assert.fail('a whole message'))
        tally.add('answered')
      } catch (error) {
        const isUnknown = (error as Error).message.startsWith('nothing answers ')
        tally.add(isUnknown ? 'not answered' : assertRefusal(error))
      }
    }),
    parametersOf(options),
  )
  await victim.checkHeld()
  return tally
}

/** Reads, and holds what was read against the message that everybody answers with. */
async function readIn(message: Uint8Array, { values }: Victim): Promise<string> {
  const found = await values.get('a')
  if (found === null) return 'nothing'
  const { key, value: bytes } = decodeRecord(decodeMessage(message).record ?? assert.fail())
  assert.equal(Buffer.from(key).toString(), '/kv/a')
  assert.equal(await whyWrong({ record: key, bytes }), null, 'it was read')
  assert.deepEqual(Buffer.from(found.value), Buffer.from(valueIn(bytes) ?? assert.fail()))
  return 'read'
}

/** Whatever others answer, a read gives what is right, nothing, or a reason; and a write a version, or a reason. */
export async function fuzzAnswers(options: FuzzOptions): Promise<Tally> {
  const tally = new Tally()
  const forger = await Forger.create()
  await fc.assert(
    fc.asyncProperty(sent, fc.boolean(), async (each, isRead) => {
      const victim = await Victim.create()
      const forgery = { ...each.forgery, key: each.forgery.key % 4 }
      const message = await messageOf(forger, { ...each, forgery })
      victim.answer = framed(message)
      try {
        if (isRead) tally.add(await readIn(message, victim))
        else tally.add((await victim.values.put('a', VALUE)).copies > 0 ? 'stored' : 'kept')
      } catch (error) {
        tally.add(assertRefusal(error))
      }
      await victim.checkHeld()
    }),
    parametersOf(options),
  )
  return tally
}
