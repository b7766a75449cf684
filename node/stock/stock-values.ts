import { foreignValue } from '../api/foreign-face.ts'
import type { NodeApi } from '../api/node-api.ts'
import { checkedKey, NotImplementedError, StoreError } from '../api/store-face.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import type { StockHost } from './stock-host.ts'

/** Values as kad-dht keeps them by itself: bytes under a key, no version, nobody's signature. */
export function stockValues(
  { services: { dht } }: StockHost,
  items: ItemLimits,
): Pick<NodeApi, 'put' | 'get' | 'list' | 'delete' | 'watch'> {
  const recordOf = (key: string): Uint8Array =>
    new TextEncoder().encode(`/kv/${checkedKey(key, items)}`)
  return {
    put: async (key, value, { replicas = 1, signal } = {}) => {
      const holders = new Set<string>()
      for await (const event of dht.put(recordOf(key), value, until(signal))) {
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') {
          holders.add(event.from.toString())
        }
      }
      // kad-dht itself is content with none.
      if (holders.size < replicas) {
        const copies = { expected: replicas, seen: holders.size }
        throw new StoreError(
          `expected ${replicas} other peers to store it, saw ${holders.size}`,
          copies,
        )
      }
      return { copies: holders.size, holders: [...holders], version: null }
    },
    get: async (key, { signal } = {}) => {
      const record = recordOf(key)
      for await (const event of dht.get(record, until(signal))) {
        if (event.name !== 'VALUE') continue
        const read = foreignValue(record, event.value)
        return read === null ? null : { ...read, from: event.from.toString(), agreed: 1 }
      }
      return null
    },
    list: async () => {
      throw new NotImplementedError('kad-dht by itself does not say what it holds')
    },
    delete: async () => {
      throw new NotImplementedError('kad-dht by itself deletes nothing')
    },
    watch() {
      throw new NotImplementedError('kad-dht by itself does not say what changes')
    },
  }
}

function until(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
