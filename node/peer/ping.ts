import { randomBytes } from 'node:crypto'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { AbortOptions } from '../base/abort-options.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'

/** What came of pinging a peer. */
export interface PingOutcome {
  /** Of the first connection that answered, in ms; null where none did, or there is none. */
  roundTripMs: number | null
}

export interface PingComponents {
  libp2p: Pick<Libp2p, 'getConnections'>
  clock: Clock
}

/** https://github.com/libp2p/specs/blob/master/ping/ping.md */
const PING_PROTOCOL = '/ipfs/ping/1.0.0'
const PING_BYTES = 32
/** libp2p's heartbeat gives a connection longer, as nobody waits for it. */
const ANSWER_MS = 5000

/**
 * Pings a peer over each connection to it that is there, until one answers, and closes those over which nothing comes: a NAT
 * may have forgotten them, which a heartbeat finds out later. Nobody is dialled.
 */
export async function pingPeer(
  { libp2p, clock }: PingComponents,
  peer: PeerId,
  { signal }: AbortOptions = {},
): Promise<PingOutcome> {
  signal?.throwIfAborted()
  const since = clock.now()
  const tries = libp2p.getConnections(peer).map(async (connection) => {
    try {
      await within(clock, ANSWER_MS, signal, (inTime) => pingOver(connection, inTime))
    } catch (error) {
      signal?.throwIfAborted()
      // Who does not speak the protocol has answered.
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') return
      connection.abort(error as Error)
      throw error
    }
  })
  try {
    await Promise.any(tries)
    return { roundTripMs: clock.now() - since }
  } catch {
    signal?.throwIfAborted()
    return { roundTripMs: null }
  }
}

async function pingOver(connection: Connection, signal: AbortSignal): Promise<void> {
  const stream = await connection.newStream(PING_PROTOCOL, { signal })
  const giveUp = (): void => stream.abort(signal.reason as Error)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    stream.send(randomBytes(PING_BYTES))
    let received = 0
    for await (const data of stream) {
      received += data.byteLength
      if (received >= PING_BYTES) break
    }
    signal.throwIfAborted()
    if (received < PING_BYTES) throw new Error('the stream of a ping ended without an answer')
  } finally {
    signal.removeEventListener('abort', giveUp)
    stream.abort(new Error('the ping is over'))
  }
}
