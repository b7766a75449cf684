import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import { KadlabError } from '../base/errors.ts'
import type { DialEvidence } from '../judgement/causes.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import type { DialOutcome } from '../judgement/dial-outcome.ts'
import { HandshakeError } from '../judgement/handshake-error.ts'
import { peerIdOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import { libp2pParts } from '../patches/parts.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { checkAsked } from './asked-peer.ts'

/** An address that this node may not dial. */
export class DialRefusedError extends KadlabError {
  static override readonly name = 'DialRefusedError'
}

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
    const bare = withoutPeerId(address)
    this.#count(bare, 1)
    try {
      const connection = await within(this.#clock, this.#timeoutMs, signal, async (inTime) =>
        this.#connect(address, inTime),
      )
      this.#connections.add(connection)
      await closeQuietly(connection)
    } finally {
      this.#count(bare, -1)
    }
  }

  /**
   * By the transport itself: libp2p's own `dial` lets a dial join one of the same peer that is under way, which may be to
   * other addresses, and fails as that one does.
   */
  async #connect(address: string, signal: AbortSignal): Promise<Connection> {
    if (peerIdOf(address) === this.#libp2p.peerId.toString()) throw new Error('cannot dial self')
    const target = multiaddr(address)
    const { transportManager, connectionGater } = libp2pParts(this.#libp2p)
    if ((await connectionGater.denyDialMultiaddr?.(target)) === true) {
      throw new DialRefusedError(`${withoutPeerId(address)} may not be dialled (DIAL_PRIVATE)`)
    }
    try {
      const connection = await transportManager.dial(target, { signal })
      checkAsked(connection, address)
      return connection
    } catch (error) {
      if (error instanceof HandshakeError) throw error
      // Transports say "aborted" where the time was over: the signal knows better.
      signal.throwIfAborted()
      throw error
    }
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#dialling.get(address) ?? 0) + change
    if (count === 0) this.#dialling.delete(address)
    else this.#dialling.set(address, count)
  }
}

/** A fresh dial as evidence. */
export function dialEvidence(
  dial: Omit<FreshDial, 'durationMs'> & Partial<Pick<FreshDial, 'durationMs'>>,
): DialEvidence {
  return {
    address: withoutPeerId(dial.address),
    ok: dial.ok,
    ...(dial.kind !== null && { kind: dial.kind }),
    ...(dial.error !== null && { error: dial.error }),
    ...(dial.durationMs !== undefined && { durationMs: dial.durationMs }),
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
