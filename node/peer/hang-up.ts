import type { Connection } from '@libp2p/interface'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/delay.ts'

/** As long as libp2p itself waits for each connection when it stops. */
const PATIENCE_MS = 500

/** What is asked of a connection. */
export type ClosableConnection = Pick<Connection, 'status' | 'close' | 'addEventListener'>

/**
 * Closes every connection of a host that is about to stop; resolves as soon as each has ended, at either side, and after
 * half a second at the latest. What is open then is left to libp2p's own stop, which aborts it.
 *
 * Stock libp2p waits half a second for a connection that the other side ended while this one was closing it: it asks for
 * the buffer's 'drain' after 'close' has been told (`@libp2p/utils/abstract-message-stream.ts`, `close`). So of two peers
 * that are stopped together one lingers.
 */
export async function hangUp(
  host: { getConnections(): ClosableConnection[] },
  { clock }: { clock: Clock },
): Promise<void> {
  const givenUp = new AbortController()
  const ended = Promise.all(host.getConnections().map(closed))
  const patience = delay(clock, PATIENCE_MS, { signal: givenUp.signal }).catch(() => {})
  await Promise.race([ended, patience])
  givenUp.abort()
}

async function closed(connection: ClosableConnection): Promise<void> {
  if (connection.status !== 'open' && connection.status !== 'closing') return
  const { promise, resolve } = Promise.withResolvers<void>()
  connection.addEventListener('close', () => resolve(), { once: true })
  // One that cannot be closed in good order says 'close' all the same, once it is aborted.
  connection.close().catch(() => {})
  await promise
}
