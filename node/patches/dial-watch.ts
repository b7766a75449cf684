import type { Connection, Transport } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'

/** How one dial of one address ended, handshake included. */
export interface DialReport {
  /** Without the peer id. */
  readonly address: string
  /** Who was dialled or, where nobody in particular was, who answered; null where that is not known. */
  readonly peerId: string | null
  /** Null where the dial succeeded. A timeout is a TimeoutError. */
  readonly error: Error | null
  readonly durationMs: number
}

type DialListener = (report: DialReport) => void

/** Tells of each dial that the transport makes: libp2p has no event for those that fail. */
export interface DialWatch {
  /** Returns what ends it. */
  onDial(listener: DialListener): () => void
  /** A transport factory that reports here. */
  watch<C>(factory: (components: C) => Transport): (components: C) => Transport
}

export function createDialWatch(components: { clock: { now(): number } }): DialWatch {
  const listeners = new Set<DialListener>()
  const report = (outcome: DialReport): void => {
    for (const listener of listeners) listener(outcome)
  }

  return {
    onDial(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    watch: (factory) => (parts) => {
      const transport = factory(parts)
      const dial = transport.dial.bind(transport)
      transport.dial = async (address, options) => {
        const startedAt = components.clock.now()
        const end = (error: Error | null, connection?: Connection): void =>
          report({
            address: address.decapsulateCode(CODE_P2P).toString(),
            peerId: peerIdIn(address) ?? connection?.remotePeer.toString() ?? null,
            error,
            durationMs: components.clock.now() - startedAt,
          })
        try {
          const connection = await dial(address, options)
          end(null, connection)
          return connection
        } catch (error) {
          end(reasonOf(error, options.signal))
          throw error
        }
      }
      return transport
    },
  }
}

function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}

/** TCP says "aborted" where its signal timed out: the signal knows better. */
function reasonOf(error: unknown, signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.aborted === true ? signal.reason : error
  return reason instanceof Error ? reason : new Error(String(error))
}
