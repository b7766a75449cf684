import {
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type ListenerEvents,
  type MultiaddrConnection,
  type Transport,
  transportSymbol,
  TypedEventEmitter,
} from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** Where a peer stands: an address on its interface and, behind 1:1 NAT, the one under which the world sees it. */
export interface Place {
  address: string
  publicAddress?: string
}

/** Hosts with ordinary addresses, joined without sockets: no packet leaves whatever address is dialled. */
export class MemoryNetwork {
  readonly #listeners = new Map<string, MemoryListener>()
  readonly #blackHoles = new Set<string>()
  #lastPort = 40_000

  /** A libp2p transport of a host, for addresses like `/ip4/11.0.0.1/tcp/3000`. */
  transport(place: Place): () => Transport {
    return () => new MemoryTransport(this, place)
  }

  /** From now on nothing answers at `ip:port`; a dial hangs until it is given up. */
  swallow(endpoint: string): void {
    this.#blackHoles.add(endpoint)
  }

  restore(endpoint: string): void {
    this.#blackHoles.delete(endpoint)
  }

  bind(endpoint: string, listener: MemoryListener): void {
    if (this.#listeners.has(endpoint)) throw new Error(`EADDRINUSE ${endpoint}`)
    this.#listeners.set(endpoint, listener)
  }

  release(endpoint: string): void {
    this.#listeners.delete(endpoint)
  }

  freePort(): number {
    this.#lastPort += 1
    return this.#lastPort
  }

  async connect(from: Place, to: Multiaddr, signal: AbortSignal): Promise<MultiaddrConnection> {
    signal.throwIfAborted()
    const { ip, port } = endpointOf(to)
    const endpoint = `${ip}:${port}`
    if (this.#blackHoles.has(endpoint)) await untilAborted(signal)
    const listener = this.#listeners.get(endpoint)
    if (listener === undefined) throw new Error(`connect ECONNREFUSED ${endpoint}`)
    const seenAs = from.publicAddress ?? from.address
    const [outbound, inbound] = multiaddrConnectionPair({
      outbound: { remoteAddr: to },
      inbound: { remoteAddr: multiaddr(`/ip4/${seenAs}/tcp/${this.freePort()}`) },
    })
    listener.accept(inbound)
    return outbound
  }
}

class MemoryTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = 'memory-network'
  readonly #network: MemoryNetwork
  readonly #place: Place

  constructor(network: MemoryNetwork, place: Place) {
    this.#network = network
    this.#place = place
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const connection = await this.#network.connect(this.#place, address, options.signal)
    try {
      return await options.upgrader.upgradeOutbound(connection, options)
    } catch (error) {
      connection.abort(error as Error)
      throw error
    }
  }

  createListener(options: CreateListenerOptions): Listener {
    return new MemoryListener(this.#network, this.#place, options)
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => /^\/ip4\/[\d.]+\/tcp\/\d+/.test(address.toString()))
  }
}

class MemoryListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #network: MemoryNetwork
  readonly #place: Place
  readonly #options: CreateListenerOptions
  readonly #closing = new AbortController()
  #port = 0

  constructor(network: MemoryNetwork, place: Place, options: CreateListenerOptions) {
    super()
    this.#network = network
    this.#place = place
    this.#options = options
  }

  async listen(address: Multiaddr): Promise<void> {
    this.#port = Number(endpointOf(address).port)
    this.#network.bind(this.#endpoint, this)
    this.safeDispatchEvent('listening')
  }

  accept(connection: MultiaddrConnection): void {
    this.#options.upgrader
      .upgradeInbound(connection, { signal: this.#closing.signal })
      .catch((error: Error) => connection.abort(error))
  }

  getAddrs(): Multiaddr[] {
    return [multiaddr(`/ip4/${this.#place.address}/tcp/${this.#port}`)]
  }

  updateAnnounceAddrs(): void {}

  async close(): Promise<void> {
    this.#network.release(this.#endpoint)
    this.#closing.abort()
    this.safeDispatchEvent('close')
  }

  get #endpoint(): string {
    return `${this.#place.publicAddress ?? this.#place.address}:${this.#port}`
  }
}

function endpointOf(address: Multiaddr): { ip: string; port: string } {
  const [ip, port] = address.getComponents().map(({ value }) => value)
  return { ip: ip ?? '', port: port ?? '' }
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
