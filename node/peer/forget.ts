import type { Libp2p, Peer } from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type KadDHT, listedPeers } from '../patches/kad.ts'
import type { Clock } from '../time/clock.ts'
import { ticks } from '../time/delay.ts'

/** Time without a sign of a peer after which it is forgotten, at the least; stock libp2p's `MAX_PEER_AGE`. */
export const FORGET_AFTER_MS = 6 * 3_600_000

export interface ForgetComponents {
  libp2p: Pick<Libp2p, 'peerStore' | 'getConnections' | 'addEventListener' | 'removeEventListener'>
  dht: KadDHT
  clock: Clock
  log: Log
}

/**
 * Forgets peers that this node has heard of and has nothing to do with: not connected, not listed, nothing new of them in
 * six to twelve hours.
 *
 * Every answer to a lookup names peers, and the peer store keeps them all. Stock libp2p lets peers expire, and with them,
 * an hour after they were first seen, the addresses of peers that it is connected to all the time; so a kadlab node lets
 * nothing expire, and forgets by itself.
 */
export function forgetStrangers(components: ForgetComponents): {
  start: () => void
  stop: () => Promise<void>
} {
  const { libp2p, dht, clock, log } = components
  const stopping = new AbortController()
  const { signal } = stopping
  /** Strangers at the last look, of whom nothing new was heard since. */
  let silent = new Set<string>()
  let running: Promise<void> | null = null

  const strangers = async (): Promise<Peer[]> => {
    const listed = new Set(listedPeers(dht).map(String))
    return (await libp2p.peerStore.all()).filter(
      ({ id }) => !listed.has(id.toString()) && libp2p.getConnections(id).length === 0,
    )
  }
  const look = async (): Promise<void> => {
    const found = await strangers()
    const gone = found.filter(({ id }) => silent.has(id.toString()))
    for (const { id } of gone) await libp2p.peerStore.delete(id)
    silent = new Set(found.map(({ id }) => id.toString()))
    if (gone.length > 0) log.debug({ peers: gone.length }, 'forgot peers of whom nothing was heard')
  }
  const run = async (): Promise<void> => {
    for await (const _tick of ticks(clock, FORGET_AFTER_MS, signal)) {
      await look().catch((error: unknown) => {
        log.debug({ error: describeError(error) }, 'could not forget peers')
      })
    }
  }
  const onUpdate = ({ detail }: CustomEvent<{ peer: Peer }>): void => {
    silent.delete(detail.peer.id.toString())
  }
  return {
    start() {
      libp2p.addEventListener('peer:update', onUpdate)
      running ??= run()
    },
    async stop() {
      stopping.abort()
      libp2p.removeEventListener('peer:update', onUpdate)
      await running
    },
  }
}
