import {
  AbortError,
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  InvalidParametersError,
  type Listener,
  type Logger,
  serviceCapabilities,
  type Transport,
  transportSymbol,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { SimHost } from './host.ts'
import { SocketError } from './socket-error.ts'
import type { TcpConnection } from './tcp-connection.ts'
import { deadEnd, tcpEndpoint } from './transport-address.ts'
import { toMultiaddrConnection } from './transport-connection.ts'
import { SimTransportListener } from './transport-listener.ts'

/**
 * A libp2p transport over a simulated host. It takes the multiaddrs of `@libp2p/tcp` and fails with the same codes, so
 * that whatever runs above cannot tell the two apart. Only `/ip4/…/tcp/…` leads anywhere: no name is ever asked for.
 */
export function simTransport(host: SimHost): (components: SimTransportComponents) => Transport {
  return (components) => new SimTransport(host, components)
}

export interface SimTransportComponents {
  logger: ComponentLogger
}

class SimTransport implements Transport {
  readonly [transportSymbol] = true as const
  readonly [Symbol.toStringTag] = '@kadlab/sim-transport'
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly #host: SimHost
  readonly #logger: ComponentLogger
  readonly #log: Logger

  constructor(host: SimHost, components: SimTransportComponents) {
    this.#host = host
    this.#logger = components.logger
    this.#log = components.logger.forComponent('libp2p:sim')
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const outbound = toMultiaddrConnection({
      connection: await this.#connect(address, options.signal),
      remoteAddr: address,
      direction: 'outbound',
      log: this.#log.newScope('connection'),
    })
    try {
      return await options.upgrader.upgradeOutbound(outbound, options)
    } catch (error) {
      outbound.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  createListener(options: CreateListenerOptions): Listener {
    return new SimTransportListener({
      host: this.#host,
      upgrader: options.upgrader,
      logger: this.#logger,
    })
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => tcpEndpoint(address) !== null)
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => tcpEndpoint(address) !== null || deadEnd(address) !== null)
  }

  async #connect(address: Multiaddr, signal: AbortSignal): Promise<TcpConnection> {
    const end = deadEnd(address)
    if (end !== null) throw new SocketError(end.syscall, end.code, end.to)
    const to = tcpEndpoint(address)
    if (to === null) {
      throw new InvalidParametersError(`Expected /ip4/…/tcp/…, saw ${address.toString()}`)
    }
    try {
      return await this.#host.tcp.connect({ to, localPort: null, signal })
    } catch (error) {
      if (signal.aborted) throw new AbortError()
      this.#log.error('dial to %a failed - %e', address, error)
      if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
        error.message = `connection error ${to.address}:${to.port}: ${error.message}`
      }
      throw error
    }
  }
}
