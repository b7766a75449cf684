import type { Libp2p, PeerId } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type KadDHT, listedPeers } from '../patches/kad.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { eitherSignal, within } from '../time/deadline.ts'
import { ticks } from '../time/delay.ts'

const FIRST_RETRY_MS = 250

export interface EvictComponents {
  libp2p: Libp2p
  dht: KadDHT
  clock: Clock
  /** Numbers from 0 to below 1. */
  random: () => number
  log: Log
  onEvicted?: (eviction: Eviction) => void
}

/** A peer was taken out of the routing table because it is gone. */
export interface Eviction {
  readonly peerId: PeerId
  readonly afterMs: number
  /** How the last dial ended. */
  readonly error: string
}

export interface EvictOptions {
  /** Time after which a peer that cannot be dialled leaves, in milliseconds. */
  afterMs: number
}

/**
 * Takes peers that are gone out of the routing table.
 *
 * kad-dht never does while a bucket has room, and a query waits for each dead peer that it meets. A peer is listed
 * only while connected (the verifying ping), so its disconnection is the event to start from: it is dialled again,
 * with growing pauses, until it is back or the time is over.
 */
export function evictDeadPeers(
  components: EvictComponents,
  options: EvictOptions,
): { stop: () => Promise<void> } {
  const { libp2p, dht, clock, random, log } = components
  const table = dht.routingTable
  const stopping = new AbortController()
  const checks = new Map<string, { promise: Promise<void>; back: AbortController }>()

  const isConnected = (peer: PeerId): boolean => libp2p.getConnections(peer).length > 0

  const check = (peer: PeerId): void => {
    const id = peer.toString()
    if (stopping.signal.aborted || checks.has(id) || isConnected(peer)) return
    const back = new AbortController()
    const promise = run(peer, back.signal)
      .catch((error) => log.debug({ peer: id, error: describeError(error) }, 'a check failed'))
      .finally(() => checks.delete(id))
    checks.set(id, { promise, back })
  }

  const run = async (peer: PeerId, back: AbortSignal): Promise<void> => {
    if ((await table.find(peer)) === undefined) return
    const since = clock.now()
    const ended = eitherSignal(stopping.signal, back)
    const pauses = { firstMs: FIRST_RETRY_MS, maxMs: options.afterMs, random }
    let lastError: unknown = null
    await within(clock, options.afterMs, ended, async (signal) => {
      for await (const _try of ticks(clock, (tries) => backoffMs(tries, pauses), signal)) {
        try {
          await libp2p.dial(peer, { signal })
          return
        } catch (error) {
          lastError = signal.aborted && lastError instanceof Error ? lastError : error
        }
      }
    })
    if (ended.aborted || isConnected(peer)) return
    await evict(peer, Math.round(clock.now() - since), lastError)
  }

  const evict = async (peerId: PeerId, afterMs: number, lastError: unknown): Promise<void> => {
    await table.remove(peerId)
    const error = lastError instanceof Error ? describeError(lastError) : 'no dial ended in time'
    log.info({ peer: peerId.toString(), afterMs, error }, 'a dead peer left the routing table')
    components.onEvicted?.({ peerId, afterMs, error })
  }

  const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => check(detail)
  // Between the verifying ping and the listing the connection may have ended.
  const onListed = ({ detail }: CustomEvent<PeerId>): void => check(detail)
  const onConnect = ({ detail }: CustomEvent<PeerId>): void =>
    checks.get(detail.toString())?.back.abort()

  libp2p.addEventListener('peer:disconnect', onDisconnect)
  libp2p.addEventListener('peer:connect', onConnect)
  table.addEventListener('peer:add', onListed)
  for (const peer of listedPeers(dht)) check(peer)

  return {
    async stop() {
      stopping.abort()
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('peer:connect', onConnect)
      table.removeEventListener('peer:add', onListed)
      await Promise.all([...checks.values()].map(({ promise }) => promise))
    },
  }
}
