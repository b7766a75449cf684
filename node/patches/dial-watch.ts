import type { Connection, Libp2p } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import { HandshakeError } from '../judgement/handshake-error.ts'
import type { Clock } from '../time/clock.ts'
import { libp2pParts } from './parts.ts'
import { wrap } from './wrap.ts'

/** How one dial of one address ended, handshake included. */
export interface DialReport {
  /** As it was dialled, with the peer id where one was wanted. */
  readonly target: string
  /** Without the peer id. */
  readonly address: string
  /** Who was dialled or, where nobody in particular was, who answered; null where that is not known. */
  readonly peerId: string | null
  /** Null where the dial succeeded. A timeout is a TimeoutError. */
  readonly error: Error | null
  readonly durationMs: number
}

type DialListener = (report: DialReport) => void

/** Reports each dial of each address. */
export interface DialWatch {
  /** Returns what ends it. */
  onDial(listener: DialListener): () => void
  /** Puts libp2p back as it was. */
  stop(): void
}

/**
 * Watches every dial of a host.
 *
 * Stock libp2p has no event for a dial that fails: the error of one address is lost where another address works, and is
 * seen by the caller alone otherwise. Dials that their caller gave up say nothing of the address and are not reported.
 */
export function watchDials(libp2p: Libp2p, { clock }: { clock: Clock }): DialWatch {
  const listeners = new Set<DialListener>()
  const { transportManager } = libp2pParts(libp2p)
  const stop = wrap(transportManager, 'dial', (dial) => async (address, options) => {
    const startedAt = clock.now()
    const end = (error: Error | null, connection?: Connection): void => {
      const report: DialReport = {
        target: address.toString(),
        address: address.decapsulateCode(CODE_P2P).toString(),
        peerId: peerIdIn(address) ?? connection?.remotePeer.toString() ?? null,
        error,
        durationMs: clock.now() - startedAt,
      }
      for (const listener of listeners) listener(report)
    }
    try {
      const connection = await dial(address, options)
      end(null, connection)
      return connection
    } catch (error) {
      const reason = reasonOf(error, options?.signal)
      if (reason !== null) end(reason)
      throw error
    }
  })

  return {
    onDial(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop,
  }
}

function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}

/**
 * TCP says "aborted" where its signal timed out: the signal knows better, and what was met until then best. Null where
 * the caller gave up.
 */
function reasonOf(error: unknown, signal: AbortSignal | undefined): Error | null {
  const isOver = signal?.aborted === true
  const isTimeout = signal?.reason instanceof Error && signal.reason.name === 'TimeoutError'
  if (isOver && !isTimeout) return null
  const reason: unknown = isOver && !(error instanceof HandshakeError) ? signal.reason : error
  return reason instanceof Error ? reason : new Error(String(reason))
}
