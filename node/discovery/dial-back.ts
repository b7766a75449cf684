import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import type { DialEvidence } from '../judgement/causes.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import type { DialOutcome } from '../judgement/dial-outcome.ts'
import { peerIdOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'

/** Another dial of the same peer can get in the way this often before the dial-back gives up. */
const MAX_ATTEMPTS = 3

export interface DialBackComponents {
  libp2p: Libp2p
  clock: Clock
}

export interface DialBackOptions {
  /** Milliseconds after which an address that does not answer is given up. Default 5000. */
  timeoutMs?: number
}

/** What a dial on a fresh connection came to. */
export interface FreshDial extends DialOutcome {
  /** The peer that answered in the place of the one dialled. */
  answeredBy: string | null
}

/**
 * Dials addresses on fresh connections, whatever connections there are, and closes those again: what an address is
 * worth, which an open connection does not tell.
 *
 * The address is dialled with the peer id where one is known, so that another peer that answers there never gets past
 * the handshake, let alone into the routing table.
 */
export class DialBack {
  readonly #libp2p: Libp2p
  readonly #clock: Clock
  readonly #timeoutMs: number
  /** Addresses that are being dialled, and how often. */
  readonly #dialling = new Map<string, number>()
  readonly #connections = new WeakSet<Connection>()

  constructor({ libp2p, clock }: DialBackComponents, { timeoutMs = 5000 }: DialBackOptions = {}) {
    this.#libp2p = libp2p
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** True while `address` is being dialled on a fresh connection. */
  isDialling(address: string): boolean {
    return this.#dialling.has(withoutPeerId(address))
  }

  /** True where `connection` is one of a dial-back, to be told apart from those that a node lives by. */
  owns(connection: Connection): boolean {
    if (connection.direction === 'outbound' && this.isDialling(connection.remoteAddr.toString())) {
      this.#connections.add(connection)
    }
    return this.#connections.has(connection)
  }

  /**
   * Dials `address` once on a fresh connection and closes that. Never rejects for a dial that failed.
   *
   * @throws the signal's reason where it aborts first.
   */
  async dial(address: string, { signal }: AbortOptions = {}): Promise<FreshDial> {
    signal?.throwIfAborted()
    const startedAt = this.#clock.now()
    const end = (fields: Omit<FreshDial, 'address' | 'durationMs'>): FreshDial => ({
      address,
      ...fields,
      durationMs: Math.round(this.#clock.now() - startedAt),
    })
    try {
      await this.#attempt(address, signal)
      return end({ ok: true, kind: null, error: null, answeredBy: null })
    } catch (error) {
      signal?.throwIfAborted()
      return end({ ok: false, ...classifyDialError(error, this.#libp2p.peerId.toString()) })
    }
  }

  async #attempt(address: string, signal: AbortSignal | undefined): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { connection, isOurs, error } = await this.#open(address, signal)
      if (connection === null) {
        // A joined dial fails by the addresses of the other one too: those say nothing of this address.
        if (isOurs || attempt === MAX_ATTEMPTS || signal?.aborted === true) throw error
        continue
      }
      if (isOurs) return closeQuietly(connection)
      const other = withoutPeerId(connection.remoteAddr.toString())
      if (other === withoutPeerId(address)) return undefined
      if (attempt === MAX_ATTEMPTS) {
        throw new Error(`other dials of the same peer were under way, at last to ${other}`)
      }
    }
  }

  /** libp2p lets a dial join one of the same peer that is under way, `force` or not: such a connection is another's. */
  async #open(
    address: string,
    signal: AbortSignal | undefined,
  ): Promise<{ connection: Connection | null; isOurs: boolean; error: unknown }> {
    const bare = withoutPeerId(address)
    let isOurs = true
    this.#count(bare, 1)
    try {
      const connection = await within(this.#clock, this.#timeoutMs, signal, async (inTime) =>
        this.#libp2p.dial(multiaddr(address), {
          force: true,
          signal: inTime,
          onProgress: ({ type }) => {
            if (type !== 'dial-queue:already-in-dial-queue' || !isOurs) return
            isOurs = false
            this.#count(bare, -1)
          },
        }),
      )
      if (isOurs) this.#connections.add(connection)
      return { connection, isOurs, error: null }
    } catch (error) {
      return { connection: null, isOurs, error }
    } finally {
      if (isOurs) this.#count(bare, -1)
    }
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#dialling.get(address) ?? 0) + change
    if (count === 0) this.#dialling.delete(address)
    else this.#dialling.set(address, count)
  }
}

/** A fresh dial as evidence. */
export function dialEvidence(dial: Omit<FreshDial, 'durationMs'>): DialEvidence {
  return {
    address: withoutPeerId(dial.address),
    ok: dial.ok,
    ...(dial.kind !== null && { kind: dial.kind }),
    ...(dial.error !== null && { error: dial.error }),
    ...(dial.answeredBy !== null && { answeredBy: dial.answeredBy }),
  }
}

/** `address` with the peer id of who is expected there. */
export function addressOf(peerId: string, address: string): string {
  return peerIdOf(address) === null ? `${address}/p2p/${peerId}` : address
}

async function closeQuietly(connection: Connection): Promise<void> {
  try {
    await connection.close()
  } catch (error) {
    connection.abort(error instanceof Error ? error : new Error(String(error)))
  }
}
