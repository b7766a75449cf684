import {
  AlreadyStartedError,
  type ComponentLogger,
  InvalidParametersError,
  type Listener,
  type ListenerEvents,
  type Logger,
  type MultiaddrConnection,
  TypedEventEmitter,
  type Upgrader,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { SimHost } from './host.ts'
import { anyAddress } from './ipv4.ts'
import type { TcpConnection } from './tcp-connection.ts'
import type { TcpListener } from './tcp-stack.ts'
import { tcpEndpoint, toMultiaddr } from './transport-address.ts'
import { toMultiaddrConnection } from './transport-connection.ts'

interface SimTransportListenerComponents {
  host: SimHost
  upgrader: Upgrader
  logger: ComponentLogger
}

/** Listens on a simulated host for libp2p. */
export class SimTransportListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #host: SimHost
  readonly #upgrader: Upgrader
  readonly #log: Logger
  readonly #shutDown = new AbortController()
  readonly #connections = new Set<MultiaddrConnection>()
  #listener: TcpListener | null = null

  constructor(components: SimTransportListenerComponents) {
    super()
    this.#host = components.host
    this.#upgrader = components.upgrader
    this.#log = components.logger.forComponent('libp2p:sim:listener')
  }

  async listen(address: Multiaddr): Promise<void> {
    if (this.#listener !== null) throw new AlreadyStartedError('The listener listens already')
    const endpoint = tcpEndpoint(address)
    if (endpoint === null) {
      throw new InvalidParametersError(`Expected /ip4/…/tcp/…, saw ${address.toString()}`)
    }
    this.#listener = this.#host.tcp.listen({
      ...endpoint,
      onConnection: (connection) => this.#accept(connection),
    })
    this.safeDispatchEvent('listening')
  }

  /** 0.0.0.0 stands for the addresses of the simulated host, not of the machine underneath. */
  getAddrs(): Multiaddr[] {
    if (this.#listener === null) return []
    const { address, port } = this.#listener.local
    const addresses = address === anyAddress ? this.#host.addresses : [address]
    return addresses.map((one) => toMultiaddr({ address: one, port }))
  }

  updateAnnounceAddrs(): void {}

  async close(): Promise<void> {
    if (this.#listener === null) return
    this.#listener.close()
    this.#listener = null
    this.#shutDown.abort()
    for (const connection of this.#connections) {
      connection.abort(new Error('The listener was closed'))
    }
    this.safeDispatchEvent('close')
  }

  #accept(connection: TcpConnection): void {
    const remoteAddr = toMultiaddr(connection.remote)
    const inbound = toMultiaddrConnection({
      connection,
      remoteAddr,
      direction: 'inbound',
      log: this.#log.newScope('connection'),
    })
    this.#connections.add(inbound)
    inbound.addEventListener('close', () => this.#connections.delete(inbound), { once: true })
    this.#upgrader
      .upgradeInbound(inbound, { signal: this.#shutDown.signal })
      .catch((error: unknown) => {
        this.#log.error('inbound connection from %a failed - %e', remoteAddr, error)
        inbound.abort(error instanceof Error ? error : new Error(String(error)))
      })
  }
}
