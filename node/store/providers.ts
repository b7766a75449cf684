import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import type { AbortOptions } from '../base/abort-options.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import { kadInternals } from '../patches/kad-internals.ts'
import type { Clock } from '../time/clock.ts'
import { runQuery, within } from '../time/deadline.ts'
import { checkedKey } from './items.ts'
import type { ProvideOutcome } from './outcomes.ts'

export interface ProvidersComponents {
  dht: KadDHT
  peerId: PeerId
  clock: Clock
}

export interface ProvidersOptions {
  /** Time for a whole call in milliseconds. */
  queryTimeoutMs: number
  items: ItemLimits
}

/** Who has what, on the DHT. */
export interface Providers {
  /**
   * Tells the peers closest to the key that this node provides it, and notes it here; kad-dht tells them again before
   * they forget (48 h). `told` counts peers to which it could be sent: nobody answers that message, and a peer
   * ignores it from one that announces no address.
   *
   * @throws InvalidKeyError
   */
  provide(key: string, options?: AbortOptions): Promise<ProvideOutcome>
  /**
   * Peer ids of those who provide the key, as far as this node and the peers that answer know.
   *
   * @throws InvalidKeyError
   */
  providers(key: string, options?: AbortOptions): Promise<string[]>
}

/**
 * The CID under which a key's providers are noted: version 1, raw, SHA-256 of the key's UTF-8. js and go keep provider
 * records under its multihash (0x12 0x20 and the hash), and a peer of another implementation must be given those bytes.
 *
 * @throws InvalidKeyError
 */
export async function providerCid(key: string, items: ItemLimits): Promise<CID> {
  const bytes = new TextEncoder().encode(checkedKey(key, items))
  return CID.createV1(raw.code, await sha256.digest(bytes))
}

export function createProviders(
  components: ProvidersComponents,
  { items, queryTimeoutMs: limitMs }: ProvidersOptions,
): Providers {
  const { dht, peerId, clock } = components
  const kad = kadInternals(dht)

  return {
    async provide(key, { signal: caller } = {}) {
      const cid = await providerCid(key, items)
      const told = new Set<string>()
      // kad-dht would wait for its first peer before it ends.
      if (kad.routingTable.size === 0) {
        await within(clock, limitMs, caller, async (signal) =>
          kad.providers.addProvider(cid, peerId, { signal }),
        )
        return { told: 0 }
      }
      await runQuery(
        { clock, limitMs, caller },
        (signal) => dht.provide(cid, { signal }),
        (event) => {
          if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') {
            told.add(event.from.toString())
          }
          return false
        },
      )
      return { told: told.size }
    },

    async providers(key, { signal: caller } = {}) {
      const cid = await providerCid(key, items)
      // kad-dht leaves out those of its own list whose addresses it has forgotten.
      const own = await within(clock, limitMs, caller, async (signal) =>
        kad.providers.getProviders(cid, { signal }),
      )
      const found = new Set(own.map(String))
      if (kad.routingTable.size === 0) return [...found]
      await runQuery(
        { clock, limitMs, caller },
        (signal) => dht.findProviders(cid, { signal }),
        (event) => {
          if (event.name === 'PROVIDER')
            for (const { id } of event.providers) found.add(id.toString())
          return false
        },
      )
      return [...found]
    },
  }
}
