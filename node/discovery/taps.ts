import { isPeerId } from '@libp2p/interface'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import type { ObservedDht } from './observed-dht.ts'

/** What the taps tell. */
export interface TapListener {
  /** Identify of a connection ended without an answer. */
  identifyFailed(connection: Connection, error: unknown): void
  /** Identify of a connection was answered with this signed record, before anybody judged it; null where none was sent. */
  identifyAnswered(connection: Connection, signedRecord: Uint8Array | null): void
  pinged(peerId: PeerId, error: unknown): void
  tableUpdateStarted(peerId: PeerId): void
  /** `error` is null where the attempt ended by itself, whether or not the peer was listed. */
  tableUpdateEnded(peerId: PeerId, error: unknown): void
  /** One address was dialled; `error` is null where that worked. Dials that the caller gave up are not told. */
  dialled(address: Multiaddr, error: unknown): void
  /** An inbound connection was refused before anything was known of who it is. */
  denied(address: Multiaddr, reason: string): void
}

export interface Taps {
  /** Asks a peer over identify and stores nothing: the protocols that it speaks now. Null without identify. */
  protocolsNow(connection: Connection): Promise<string[] | null>
  /** Puts everything back as it was. */
  remove(): void
}

interface IdentifyService {
  identify(connection: Connection, options?: object): Promise<unknown>
  _identify(
    connection: Connection,
    options?: object,
  ): Promise<{ protocols: string[]; signedPeerRecord?: Uint8Array }>
}

interface PingService {
  ping(peer: unknown, options?: object): Promise<number>
}

interface Internals {
  services: { identify?: IdentifyService; ping?: PingService }
  components: {
    transportManager: {
      dial(address: Multiaddr, options?: AbortOptions): Promise<Connection>
    }
    connectionManager: {
      acceptIncomingConnection(connection: { remoteAddr: Multiaddr }): boolean
      getConnections(): unknown[]
      getMaxConnections(): number
    }
  }
}

/**
 * Listens at the five places where js-libp2p learns why a peer is not listed and tells nobody: it swallows the error or
 * writes a trace line. Each is a method that libp2p calls through its object, so that it can be wrapped there:
 * identify/identify.ts (`identify().catch(() => {})`), ping/ping.ts, kad-dht/routing-table/index.ts (`add`),
 * libp2p/transport-manager.ts (`dial`), libp2p/connection-manager/index.ts (`acceptIncomingConnection`).
 */
export function tapPeer(libp2p: Libp2p, dht: ObservedDht, listener: TapListener): Taps {
  const { services, components } = libp2p as unknown as Internals
  const { identify, ping } = services
  const removals = [
    tapTable(dht, listener),
    tapDials(components, listener),
    tapInbound(components, listener),
    ...(identify === undefined ? [] : tapIdentify(identify, listener)),
    ...(ping === undefined ? [] : [tapPing(ping, listener)]),
  ]
  return {
    protocolsNow: async (connection) => {
      if (identify === undefined) return null
      // The class's own method, past the tap: libp2p does not act upon what is asked here.
      const untapped = Object.getPrototypeOf(identify) as IdentifyService
      return (await untapped._identify.call(identify, connection)).protocols
    },
    remove: () => removals.forEach((remove) => remove()),
  }
}

function tapIdentify(service: IdentifyService, listener: TapListener): (() => void)[] {
  return [
    wrap(service, 'identify', (identify) => async (connection, options) => {
      try {
        return await identify(connection, options)
      } catch (error) {
        listener.identifyFailed(connection, error)
        throw error
      }
    }),
    wrap(service, '_identify', (ask) => async (connection, options) => {
      const answer = await ask(connection, options)
      listener.identifyAnswered(connection, answer.signedPeerRecord ?? null)
      return answer
    }),
  ]
}

function tapPing(service: PingService, listener: TapListener): () => void {
  return wrap(service, 'ping', (ping) => async (peer, options) => {
    const tell = (error: unknown): void => {
      if (isPeerId(peer)) listener.pinged(peer, error)
    }
    try {
      const ms = await ping(peer, options)
      tell(null)
      return ms
    } catch (error) {
      tell(error)
      throw error
    }
  })
}

function tapTable({ routingTable }: ObservedDht, listener: TapListener): () => void {
  return wrap(routingTable, 'add', (add) => async (peerId, options) => {
    listener.tableUpdateStarted(peerId)
    try {
      await add(peerId, options)
      listener.tableUpdateEnded(peerId, null)
    } catch (error) {
      listener.tableUpdateEnded(peerId, error)
      throw error
    }
  })
}

function tapDials({ transportManager }: Internals['components'], listener: TapListener) {
  return wrap(transportManager, 'dial', (dial) => async (address, options) => {
    try {
      const connection = await dial(address, options)
      listener.dialled(address, null)
      return connection
    } catch (error) {
      const isAborted = options?.signal?.aborted === true
      const reason: unknown = isAborted ? options.signal?.reason : error
      const isGivenUp = isAborted && !(reason instanceof Error && reason.name === 'TimeoutError')
      if (!isGivenUp) listener.dialled(address, reason)
      throw error
    }
  })
}

function tapInbound({ connectionManager }: Internals['components'], listener: TapListener) {
  return wrap(connectionManager, 'acceptIncomingConnection', (accept) => (connection) => {
    const isAccepted = accept(connection)
    if (!isAccepted) {
      const isFull =
        connectionManager.getConnections().length >= connectionManager.getMaxConnections()
      const reason = isFull
        ? `there are ${connectionManager.getMaxConnections()} connections already`
        : 'too many connections at once from this host, or too many that are not secured yet'
      listener.denied(connection.remoteAddr, reason)
    }
    return isAccepted
  })
}

/** Replaces a method of `object` until the returned function is called. */
function wrap<T extends object, K extends keyof T>(
  object: T,
  name: K,
  around: (original: T[K]) => T[K],
): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)
  const method = object[name]
  const bound = (typeof method === 'function' ? method.bind(object) : method) as T[K]
  object[name] = around(bound)
  return () => {
    if (before === undefined) delete object[name]
    else Object.defineProperty(object, name, before)
  }
}
