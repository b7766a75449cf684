import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { ticks } from '../time/delay.ts'

/** The first pause after a failed dial; short, because the usual case is a peer that starts at the same moment. */
const FIRST_RETRY_MS = 50
/** A connection that lasts this long starts the pauses anew when it ends. */
const STABLE_MS = 10_000

export interface JoinComponents {
  libp2p: Pick<
    Libp2p,
    'peerId' | 'dial' | 'getConnections' | 'peerStore' | 'addEventListener' | 'removeEventListener'
  >
  clock: Clock
  /** Numbers from 0 to below 1. */
  random: () => number
  log: Log
  /** Called whenever a bootstrap peer is connected and none was. */
  onJoined?: (join: { again: boolean }) => void
}

export interface JoinOptions {
  /** Multiaddrs, with or without a peer id. */
  bootstrap: readonly string[]
  /** Longest pause between two dials of one address, in milliseconds. */
  retryMaxMs: number
}

/** How it stands with one bootstrap address. */
export interface BootstrapState {
  readonly address: string
  /** Null until somebody answered at an address that names nobody. */
  readonly peerId: string | null
  readonly state: 'dialling' | 'waiting' | 'connected' | 'own-address'
  /** Dials that failed since the last connection. */
  readonly failures: number
  readonly lastError: string | null
}

/** Keeps the node connected to its bootstrap peers. */
export interface Join extends AsyncDisposable {
  /** True where a bootstrap peer is connected, or there is none but this node itself. */
  readonly joined: boolean
  bootstrapPeers(): BootstrapState[]
  start(): void
  stop(): Promise<void>
}

/**
 * Joins the bootstrap peers and stays joined: each is dialled until it answers, and again as soon as the connection
 * to it ends, for ever. (libp2p's own bootstrap module dials once, a second after the start, and never again.)
 */
export function createJoin(components: JoinComponents, options: JoinOptions): Join {
  const { libp2p, log } = components
  const stopping = new AbortController()
  const targets = options.bootstrap.map((address) => new Target(address, components, options))
  let running: Promise<void>[] | null = null
  let wasJoined = false
  let isJoined = false

  const onConnection = ({ detail }: CustomEvent<Connection>): void => {
    if (isJoined || !targets.some((target) => target.is(detail.remotePeer))) return
    isJoined = true
    log.info({ peer: detail.remotePeer.toString(), again: wasJoined }, 'joined')
    components.onJoined?.({ again: wasJoined })
    wasJoined = true
  }
  const onDisconnect = (): void => {
    if (!isJoined || targets.some((target) => target.connected)) return
    isJoined = false
    log.warn({}, 'no bootstrap peer is connected any more')
  }
  const stop = async (): Promise<void> => {
    stopping.abort()
    libp2p.removeEventListener('connection:open', onConnection)
    libp2p.removeEventListener('peer:disconnect', onDisconnect)
    await Promise.all(running ?? [])
  }

  return {
    get joined() {
      return targets.every((target) => target.isOwn) || targets.some((target) => target.connected)
    },
    bootstrapPeers: () => targets.map((target) => target.describe()),
    start() {
      if (running !== null || stopping.signal.aborted) return
      libp2p.addEventListener('connection:open', onConnection)
      libp2p.addEventListener('peer:disconnect', onDisconnect)
      running = targets.map(async (target) => target.keepConnected(stopping.signal, onConnection))
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** One bootstrap address. */
class Target {
  readonly #address: Multiaddr
  readonly #components: JoinComponents
  readonly #retryMaxMs: number
  #peerId: string | null
  #state: BootstrapState['state'] = 'dialling'
  #failures = 0
  #lastError: string | null = null

  constructor(address: string, components: JoinComponents, { retryMaxMs }: JoinOptions) {
    this.#address = multiaddr(address)
    this.#components = components
    this.#retryMaxMs = retryMaxMs
    this.#peerId = peerIdIn(this.#address)
    if (this.#peerId === components.libp2p.peerId.toString()) this.#state = 'own-address'
  }

  get isOwn(): boolean {
    return this.#state === 'own-address'
  }

  get connected(): boolean {
    const { libp2p } = this.#components
    return libp2p
      .getConnections()
      .some(({ remotePeer, status }) => status === 'open' && this.is(remotePeer))
  }

  /**
   * Where two peers name each other, one finds the other's connection there already. It dials all the same: only an
   * address that was dialled is known to work, and is kept where the other announces none that counts.
   */
  get #onlyCameIn(): boolean {
    const { libp2p } = this.#components
    return libp2p
      .getConnections()
      .every(({ remotePeer, direction }) => !this.is(remotePeer) || direction === 'inbound')
  }

  is(peer: PeerId): boolean {
    return peer.toString() === this.#peerId
  }

  describe(): BootstrapState {
    return {
      address: this.#address.toString(),
      peerId: this.#peerId,
      state: this.connected ? 'connected' : this.#state,
      failures: this.#failures,
      lastError: this.#lastError,
    }
  }

  /** Runs until the signal aborts, or the address turns out to be this node's own. Never rejects. */
  async keepConnected(
    signal: AbortSignal,
    onConnection: (event: CustomEvent<Connection>) => void,
  ): Promise<void> {
    if (this.isOwn) return
    const { clock, random } = this.#components
    const limits = { firstMs: FIRST_RETRY_MS, maxMs: this.#retryMaxMs, random }
    let pauses = 0
    const pauseMs = (tick: number): number => {
      if (tick === 0) return 0
      pauses += 1
      return backoffMs(pauses - 1, limits)
    }
    for await (const _try of ticks(clock, pauseMs, signal)) {
      const connection = await this.#dial(signal)
      if (connection !== null) {
        const since = clock.now()
        // At an address that names nobody, who answers is known only now, after the connection's own event.
        onConnection(new CustomEvent('connection:open', { detail: connection }))
        await this.#disconnected(signal)
        if (clock.now() - since >= STABLE_MS) pauses = 0
      }
      if (signal.aborted || this.isOwn) return
      this.#state = 'waiting'
    }
  }

  async #dial(signal: AbortSignal): Promise<Connection | null> {
    const { libp2p, log } = this.#components
    const address = this.#address.toString()
    this.#state = 'dialling'
    try {
      const addresses = [this.#address, ...(await this.#otherAddresses())]
      const connection = await libp2p.dial(addresses, { signal, force: this.#onlyCameIn })
      this.#peerId = connection.remotePeer.toString()
      this.#failures = 0
      this.#lastError = null
      this.#state = 'connected'
      return connection
    } catch (error) {
      if (signal.aborted) return null
      if (isOwnAddress(error)) {
        this.#state = 'own-address'
        log.info({ address }, 'a bootstrap address is this node itself')
        return null
      }
      this.#failures += 1
      this.#lastError = describeError(error)
      const level = this.#failures === 1 ? 'warn' : 'debug'
      const fields = { address, failures: this.#failures, error: this.#lastError }
      log[level](fields, 'a bootstrap peer does not answer; it is dialled until it does')
      return null
    }
  }

  /**
   * Where the peer is by what others say, once its own address has failed. libp2p lets every dial of a peer join the one
   * that is under way: a dead address that is dialled for ever would keep the node from all that lead there.
   */
  async #otherAddresses(): Promise<Multiaddr[]> {
    if (this.#failures === 0 || this.#peerId === null) return []
    const { peerStore } = this.#components.libp2p
    const id = peerIdFromString(this.#peerId)
    if (!(await peerStore.has(id))) return []
    const own = this.#address.decapsulateCode(CODE_P2P)
    const known = (await peerStore.get(id)).addresses.map((each) =>
      each.multiaddr.decapsulateCode(CODE_P2P),
    )
    return known
      .filter((each) => !each.equals(own))
      .map((each) => each.encapsulate(`/p2p/${this.#peerId}`))
  }

  /** Resolves when no connection to the peer is left, or the signal aborts. */
  async #disconnected(signal: AbortSignal): Promise<void> {
    const { libp2p } = this.#components
    const { promise, resolve } = Promise.withResolvers<void>()
    const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
      if (this.is(detail)) resolve()
    }
    const onAbort = (): void => resolve()
    libp2p.addEventListener('peer:disconnect', onDisconnect)
    signal.addEventListener('abort', onAbort, { once: true })
    if (!this.connected || signal.aborted) resolve()
    try {
      await promise
    } finally {
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      signal.removeEventListener('abort', onAbort)
    }
  }
}

function peerIdIn(address: Multiaddr): string | null {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value ?? null
}

/** libp2p has no error of its own for it (`upgrader.ts`, `connection-manager/index.ts`). */
function isOwnAddress(error: unknown): boolean {
  return describeError(error).toLowerCase().includes('dial self')
}
