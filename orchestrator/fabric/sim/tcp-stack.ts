import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { takeEphemeralPort } from './ephemeral-port.ts'
import { anyAddress } from './ipv4.ts'
import { formatEndpoint, type TcpSegment } from './packet.ts'
import type { Application } from './process.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import { SocketError } from './socket-error.ts'
import { TcpConnection } from './tcp-connection.ts'

/** What the stack needs of the host that it runs on. */
export interface StackHost {
  readonly scheduler: Scheduler
  readonly random: Random
  /** Whose connections they are. */
  readonly application: Application
  transmit(segment: TcpSegment): void
  /** The host's own address on the way to `destination`. Throws `SocketError` where no route leads there. */
  sourceFor(destination: Endpoint): string
  hasAddress(address: string): boolean
}

export interface ListenRequest {
  /** One of the host's addresses, or 0.0.0.0. */
  address: string
  /** 0 takes a free one. */
  port: number
  onConnection: (connection: TcpConnection) => void
}

export interface TcpListener {
  readonly local: Endpoint
  /** Stops accepting; open connections stay. Twice is fine. */
  close(): void
}

export interface ConnectRequest extends AbortOptions {
  to: Endpoint
  /** Null takes a free one. */
  localPort: number | null
}

/** The TCP of one host: finds the connection or listener that a segment is for, and gives out ports. */
export class TcpStack {
  readonly #host: StackHost
  readonly #connections = new Map<string, TcpConnection>()
  readonly #listeners = new Map<string, ListenRequest>()

  constructor(host: StackHost) {
    this.#host = host
  }

  /**
   * Resolves when the connection is established.
   *
   * @throws SocketError as Node does: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EADDRINUSE (a listener has
   * the local port), EADDRNOTAVAIL (the same two endpoints are connected already)
   */
  async connect(request: ConnectRequest): Promise<TcpConnection> {
    const { signal } = request
    signal?.throwIfAborted()
    const to =
      request.to.address === anyAddress ? { ...request.to, address: '127.0.0.1' } : request.to
    const address = this.#host.sourceFor(to)
    const local = { address, port: request.localPort ?? this.#ephemeralPort(address, to) }
    if (this.#listenerAt(local) !== undefined) throw new SocketError('connect', 'EADDRINUSE', local)
    if (this.#connections.has(pairKey(local, to))) {
      throw new SocketError('connect', 'EADDRNOTAVAIL', to)
    }
    const connection = this.#open(local, to)
    const abort = (): void => connection.reset()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      connection.connect()
      await connection.opened
      return connection
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      const { application } = this.#host
      if (application.isBusy) await new Promise<void>((resolve) => application.run(resolve))
    }
  }

  /**
   * @throws SocketError EADDRINUSE where the port has a listener on the same address or on 0.0.0.0, EADDRNOTAVAIL for
   * an address that is not the host's
   */
  listen(request: ListenRequest): TcpListener {
    const { address } = request
    if (address !== anyAddress && !this.#host.hasAddress(address)) {
      throw new SocketError('listen', 'EADDRNOTAVAIL', request)
    }
    const port = request.port === 0 ? this.#freeListenPort(address) : request.port
    const local = { address, port }
    if (this.#isListening(local)) throw new SocketError('listen', 'EADDRINUSE', local)
    const key = formatEndpoint(local)
    this.#listeners.set(key, request)
    return {
      local,
      close: () => {
        if (this.#listeners.get(key) === request) this.#listeners.delete(key)
      },
    }
  }

  receive(segment: TcpSegment): void {
    const { source, destination } = segment
    const known = this.#connections.get(pairKey(destination, source))
    if (known !== undefined) return known.receive(segment)
    const listener = this.#listenerAt(destination)
    if (listener === undefined || !segment.syn || segment.ack) return this.#refuse(segment)
    const connection = this.#open(destination, source)
    connection.accept(segment)
    connection.opened.then(
      () => this.#host.application.run(() => listener.onConnection(connection)),
      () => undefined,
    )
  }

  unreachable(segment: TcpSegment, code: 'EHOSTUNREACH' | 'ENETUNREACH'): void {
    this.#connections.get(pairKey(segment.source, segment.destination))?.unreachable(code)
  }

  /** Resets what is open and forgets all listeners, as when the process that holds them is killed. */
  close(): void {
    this.#listeners.clear()
    for (const connection of this.#connections.values()) connection.reset()
  }

  #open(local: Endpoint, remote: Endpoint): TcpConnection {
    const key = pairKey(local, remote)
    const initialSequence = this.#host.random.integer(0, 0x7fffffff)
    const connection = new TcpConnection(
      { local, remote, initialSequence },
      {
        scheduler: this.#host.scheduler,
        application: this.#host.application,
        transmit: (segment) => this.#host.transmit(segment),
        onGone: () => this.#connections.delete(key),
      },
    )
    this.#connections.set(key, connection)
    return connection
  }

  /** Nobody is there: RST, so that the other side need not wait (RFC 9293 section 3.10.7.1). */
  #refuse(segment: TcpSegment): void {
    const refusal = refusalOf(segment)
    if (refusal !== null) this.#host.transmit(refusal)
  }

  #listenerAt({ address, port }: Endpoint): ListenRequest | undefined {
    return this.#listeners.get(`${address}:${port}`) ?? this.#listeners.get(`${anyAddress}:${port}`)
  }

  #isListening({ address, port }: Endpoint): boolean {
    if (address !== anyAddress) return this.#listenerAt({ address, port }) !== undefined
    return this.#listeners.keys().some((key) => key.endsWith(`:${port}`))
  }

  #ephemeralPort(address: string, to: Endpoint): number {
    const port = takeEphemeralPort(
      this.#host.random,
      (free) =>
        this.#listenerAt({ address, port: free }) === undefined &&
        !this.#connections.has(pairKey({ address, port: free }, to)),
    )
    if (port === null) throw new SocketError('connect', 'EADDRNOTAVAIL', to)
    return port
  }

  #freeListenPort(address: string): number {
    const isFree = (port: number): boolean => !this.#isListening({ address, port })
    const port = takeEphemeralPort(this.#host.random, isFree)
    if (port === null) throw new SocketError('listen', 'EADDRINUSE', { address, port: 0 })
    return port
  }
}

function pairKey(local: Endpoint, remote: Endpoint): string {
  return `${local.address}:${local.port}<>${remote.address}:${remote.port}`
}

/** The reset with which a segment is refused; null for a reset, which nobody answers. */
export function refusalOf(segment: TcpSegment): TcpSegment | null {
  if (segment.rst) return null
  const length = segment.payload.byteLength + (segment.syn ? 1 : 0) + (segment.fin ? 1 : 0)
  return {
    protocol: 'tcp',
    source: segment.destination,
    destination: segment.source,
    syn: false,
    ack: true,
    fin: false,
    rst: true,
    sequence: segment.acknowledged,
    acknowledged: segment.sequence + length,
    window: 0,
    payload: new Uint8Array(),
  }
}
