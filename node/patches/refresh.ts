import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../time/clock.ts'
import { ticks } from '../time/delay.ts'
import type { KadDHT } from './kad.ts'

/** kad-dht makes up keys for so many bits of common prefix and no more (`MAX_COMMON_PREFIX_LENGTH`). */
const DEEPEST_PREFIX = 15

export interface RefreshComponents {
  dht: KadDHT
  clock: Clock
  log: Log
}

/**
 * Looks for peers in every part of the key space now and then, so that buckets stay full and true.
 *
 * kad-dht 16.4.5 has the code and never runs it: its refresh has no `start` method, and so is passed over when the
 * service starts. Started by hand (`refreshRoutingTable`) it sets a timer of its own each time, which nothing ends.
 */
export function refreshTable(
  components: RefreshComponents,
  options: { intervalMs: number },
): { start: () => void; stop: () => Promise<void> } {
  const { dht, clock, log } = components
  const { routingTableRefresh: refresh } = dht
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | null = null

  const run = async (): Promise<void> => {
    for await (const _tick of ticks(clock, options.intervalMs, signal)) {
      // A query over an empty table waits for the first contact, which a lookup after joining brings.
      if (dht.routingTable.size === 0) continue
      const deepest = Math.min(refresh._maxCommonPrefix(), DEEPEST_PREFIX)
      for (let prefix = 0; prefix <= deepest && !signal.aborted; prefix += 1) await look(prefix)
    }
  }
  const look = async (prefix: number): Promise<void> => {
    try {
      await refresh._refreshCommonPrefixLength(prefix, new Date(0), true, { signal })
    } catch (error) {
      if (!signal.aborted) log.debug({ prefix, error: describeError(error) }, 'a refresh failed')
    }
  }

  return {
    start() {
      if (!signal.aborted) running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
