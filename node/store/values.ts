import type { KadDHT, QueryEvent } from '@libp2p/kad-dht'
import type { AbortOptions } from '../base/abort-options.ts'
import { type KadInternals, kadInternals, storeHere } from '../patches/kad-internals.ts'
import type { Clock } from '../time/clock.ts'
import { runQuery, within } from '../time/deadline.ts'
import { StoreError } from './errors.ts'
import type { GetOutcome, PutOptions, PutOutcome } from './outcomes.ts'
import { checkedValue, recordKey } from './records.ts'

export interface ValuesComponents {
  dht: KadDHT
  clock: Clock
  /** Told of each key whose value this node has put and kept a copy of, whether or not others took it. */
  onKept?: (key: string) => void
}

export interface ValuesOptions {
  /** Copies at other peers below which a put fails, where the call names no number. */
  minCopies: number
  /** Time for a whole put or get in milliseconds. */
  queryTimeoutMs: number
}

/** Values under keys, on the DHT. */
export interface Values {
  /**
   * Stores a value at the peers closest to its key, and at this node. A put that fails keeps this node's copy, and
   * the copies made: it may be repeated.
   *
   * @throws InvalidKeyError, InvalidValueError
   * @throws StoreError where fewer than `minCopies` other peers stored it.
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutOutcome>
  /**
   * The first valid record: this node's own, else that of the first peer that has one. Null where no peer that
   * answers has one, also where there is nobody to ask.
   *
   * @throws InvalidKeyError
   */
  get(key: string, options?: AbortOptions): Promise<GetOutcome | null>
}

export function createValues(components: ValuesComponents, options: ValuesOptions): Values {
  const { dht, clock, onKept } = components
  const { queryTimeoutMs: limitMs } = options
  const kad = kadInternals(dht)

  return {
    async put(key, value, { minCopies = options.minCopies, signal: caller } = {}) {
      const record = recordKey(key)
      checkedValue(value)
      const holders = new Set<string>()
      // kad-dht would wait for its first peer before it ends.
      if (kad.routingTable.size === 0) await storeHere(kad, record, value)
      else {
        await runQuery(
          { clock, limitMs, caller },
          (signal) => dht.put(record, value, { signal }),
          (event) => {
            if (isCopy(event, value)) holders.add(event.from.toString())
            return false
          },
        )
      }
      onKept?.(key)
      if (holders.size < minCopies) throw tooFewCopies(key, minCopies, holders.size, kad)
      return { copies: holders.size }
    },

    async get(key, { signal: caller } = {}) {
      const record = recordKey(key)
      const own = await within(clock, limitMs, caller, async (signal) =>
        kad.contentFetching.getLocal(record, { signal }),
      ).catch(() => null)
      if (own !== null) return { value: own.value, from: null }
      caller?.throwIfAborted()
      if (kad.routingTable.size === 0) return null
      let found: GetOutcome | null = null
      // Records in these events are validated. Waiting for the end would mean waiting for every dead peer.
      await runQuery(
        { clock, limitMs, caller },
        (signal) => dht.get(record, { signal }),
        (event) => {
          if (event.name === 'PEER_RESPONSE' && event.record !== undefined) {
            found = { value: event.record.value, from: event.from.toString() }
          }
          return found !== null
        },
      )
      return found
    },
  }
}

/** True where a peer said that it stored the record: it answers PUT_VALUE with the record itself. */
function isCopy(
  event: QueryEvent,
  value: Uint8Array,
): event is Extract<QueryEvent, { name: 'PEER_RESPONSE' }> {
  if (event.name !== 'PEER_RESPONSE' || event.messageName !== 'PUT_VALUE') return false
  return event.record !== undefined && Buffer.compare(event.record.value, value) === 0
}

function tooFewCopies(key: string, expected: number, seen: number, kad: KadInternals): StoreError {
  const listed = kad.routingTable.size
  const why =
    listed === 0
      ? 'the routing table is empty; ask discovery why nobody is listed'
      : `the routing table lists ${listed}; ask discovery which of them can be dialled`
  return new StoreError(
    `expected ${expected} other peers to store ${JSON.stringify(key)}, ${seen} did: ${why}`,
    { expected, seen },
  )
}
