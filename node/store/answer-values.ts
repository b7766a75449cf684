import type { PeerId } from '@libp2p/interface'
import { KadlabError } from '../base/errors.ts'
import { decodeRecord, encodeRecord, type WireMessage } from '../kad/message.ts'
import type { KadWire } from '../kad/wire.ts'
import { InvalidKeyError, PlainRecordError } from './errors.ts'
import type { LocalRecords } from './local-records.ts'
import { openRecord, type RecordRules, type StoredRecord } from './records.ts'

/** A message that asks for nothing that can be answered. */
class IncompleteMessageError extends KadlabError {
  static override readonly name = 'IncompleteMessageError'
}

/**
 * Answers what others ask of values and of peers close to a key. The newest record stays. What the grammar of the store's own keys does not know
 * is refused before anything is kept: kad-dht itself looks a key's namespace up on a plain object, and so takes records
 * of any size under `/constructor/x`.
 *
 * @param onStored called with each record key that another peer stored here, after it was kept
 * @param onRefused called for each record that is none of the store's, or not as it must be
 * @param onHeard called with each record key of which another peer gave what is held here now, also where it was before
 */
export function answerValues(
  { wire, local, rules }: { wire: KadWire; local: LocalRecords; rules: RecordRules },
  onStored: (record: Uint8Array, from: PeerId) => void = () => {},
  onHeard: (record: Uint8Array) => void = () => {},
  onRefused: () => void = () => {},
): void {
  wire.answer('FIND_NODE', async (from, { key, clusterLevel }) => {
    const closer = await closerTo(wire, keyIn(key), from)
    return { ...level(clusterLevel), type: 'FIND_NODE', closer, providers: [] }
  })
  wire.answer('GET_VALUE', async (from, { key, clusterLevel }) => {
    const record = keyIn(key)
    const [held, closer] = await Promise.all([local.get(record), wire.closestTo(record, from)])
    const answer: WireMessage = {
      ...level(clusterLevel),
      type: 'GET_VALUE',
      key: record,
      closer,
      providers: [],
    }
    if (held === null) return answer
    return { ...answer, record: encodeRecord({ key: record, value: held.bytes }) }
  })
  wire.answer('PUT_VALUE', async (from, message) => {
    const { key, stored } = recordIn(message, rules, onRefused)
    const kept = await local.put(key, stored, from.toString())
    if (kept.as === 'new') onStored(key, from)
    if (kept.as !== 'older') onHeard(key)
    if (kept.as !== 'older') return message
    if (stored.version === null) {
      throw new PlainRecordError('a record without an envelope where a signed one is')
    }
    // Who writes what is old learns by the answer what is newer.
    return { ...message, record: encodeRecord({ key, value: kept.held.bytes }) }
  })
}

function recordIn(
  message: WireMessage,
  rules: RecordRules,
  onRefused: () => void,
): { key: Uint8Array; stored: StoredRecord } {
  try {
    const key = keyIn(message.key)
    if (message.record === undefined)
      throw new IncompleteMessageError('a PUT_VALUE without a record')
    const record = decodeRecord(message.record)
    if (Buffer.compare(record.key, key) !== 0) {
      throw new InvalidKeyError('a PUT_VALUE whose record has another key')
    }
    return { key, stored: openRecord(key, record.value, rules) }
  } catch (error) {
    onRefused()
    throw error
  }
}

async function closerTo(wire: KadWire, key: Uint8Array, asker: PeerId) {
  const { peerId, addressManager } = wire.kad.components
  const closer = await wire.closestTo(key, asker)
  const id = peerId.toMultihash().bytes
  if (Buffer.compare(id, key) !== 0) return closer
  const own = wire.kad.peerInfoMapper({ id: peerId, multiaddrs: addressManager.getAddresses() })
  if (own.multiaddrs.length === 0) return closer
  return [...closer, { id, multiaddrs: own.multiaddrs.map((address) => address.bytes) }]
}

function keyIn(key: Uint8Array | undefined): Uint8Array {
  if (key === undefined || key.byteLength === 0) {
    throw new IncompleteMessageError('a message without a key')
  }
  return key
}

function level(clusterLevel: number | undefined): { clusterLevel?: number } {
  return clusterLevel === undefined ? {} : { clusterLevel }
}
