import { isPeerId } from '@libp2p/interface'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { KadDHT } from './kad.ts'
import { hostServices, type HostServices, libp2pParts, type Libp2pParts } from './parts.ts'
import { unwrapped, wrap } from './wrap.ts'

/** What the taps report. */
export interface TapListener {
  /** Identify of a connection ended without an answer. */
  identifyFailed(connection: Connection, error: unknown): void
  /** Identify of a connection was answered with this signed record, before anybody judged it; null where none was sent. */
  identifyAnswered(connection: Connection, signedRecord: Uint8Array | null): void
  pinged(peerId: PeerId, error: unknown): void
  tableUpdateStarted(peerId: PeerId): void
  /** `error` is null where the attempt ended by itself, whether or not the peer was listed. */
  tableUpdateEnded(peerId: PeerId, error: unknown): void
  /** An inbound connection was refused before anything was known of who it is. */
  denied(address: Multiaddr, reason: string): void
}

export interface Taps {
  /** Asks a peer over identify and stores nothing: the protocols that it speaks now. Null without identify. */
  protocolsNow(connection: Connection): Promise<string[] | null>
  /** Puts everything back as it was. */
  remove(): void
}

/**
 * Listens at the four places where js-libp2p learns why a peer is not listed and keeps it to itself: it swallows the error
 * or writes a trace line. Each is a method that libp2p calls through its object, so that it can be wrapped there:
 * identify/identify.ts (`identify().catch(() => {})`), ping/ping.ts, kad-dht/routing-table/index.ts (`add`),
 * libp2p/connection-manager/index.ts (`acceptIncomingConnection`). A fifth is `dial-watch.ts`.
 */
export function tapPeer(libp2p: Libp2p, dht: KadDHT, listener: TapListener): Taps {
  const { identify, ping } = hostServices(libp2p)
  const removals = [
    tapTable(dht, listener),
    tapInbound(libp2pParts(libp2p), listener),
    ...(identify === undefined ? [] : tapIdentify(identify, listener)),
    ...(ping === undefined ? [] : [tapPing(ping, listener)]),
  ]
  return {
    protocolsNow: async (connection) => {
      if (identify === undefined) return null
      // Past the tap: libp2p does not act upon what is asked here.
      return (await unwrapped(identify, '_identify')(connection)).protocols
    },
    remove: () => removals.forEach((remove) => remove()),
  }
}

type Service<Name extends keyof HostServices> = NonNullable<HostServices[Name]>

function tapIdentify(service: Service<'identify'>, listener: TapListener): (() => void)[] {
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

function tapPing(service: Service<'ping'>, listener: TapListener): () => void {
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

function tapTable({ routingTable }: KadDHT, listener: TapListener): () => void {
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

function tapInbound({ connectionManager }: Libp2pParts, listener: TapListener) {
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
