import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KadDHT } from '../patches/kad.ts'
import type { Clock } from '../time/clock.ts'
import { runQuery } from '../time/deadline.ts'

export interface LookupComponents {
  dht: KadDHT
  /** The node's own key in the DHT: its peer id's multihash. */
  ownKey: Uint8Array
  clock: Clock
  log: Log
}

/** Asks for the neighbours of this node, which lists those that answer. Never rejects. */
export type Lookup = (signal: AbortSignal) => Promise<void>

/** @param options.queryTimeoutMs after which a lookup is given up, in milliseconds */
export function createLookup(
  { dht, ownKey, clock, log }: LookupComponents,
  options: { queryTimeoutMs: number },
): Lookup {
  return async (signal) => {
    try {
      await runQuery(
        { clock, limitMs: options.queryTimeoutMs, caller: signal },
        (inTime) => dht.getClosestPeers(ownKey, { signal: inTime }),
        () => false,
      )
    } catch (error) {
      if (!signal.aborted)
        log.debug({ error: describeError(error) }, 'looking for neighbours failed')
    }
  }
}
