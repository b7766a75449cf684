import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import packageJson from '../../package.json' with { type: 'json' }
import type { AbortOptions } from '../base/abort-options.ts'
import { KadlabError } from '../base/errors.ts'
import type { KadDHT } from './kad.ts'

/** libp2p's parts, which are public on its class and missing from its interface. */
export interface Libp2pParts {
  readonly transportManager: {
    dial(address: Multiaddr, options?: AbortOptions): Promise<Connection>
    getAddrs(): Multiaddr[]
    /** The transport that would dial `address`. */
    dialTransportForMultiaddr(address: Multiaddr): object | undefined
  }
  readonly connectionManager: {
    acceptIncomingConnection(connection: { remoteAddr: Multiaddr }): boolean
    /** `openStream` asks it as well. */
    openConnection(target: unknown, options?: { force?: boolean }): Promise<Connection>
    getConnections(peerId?: PeerId): Connection[]
    getMaxConnections(): number
  }
  readonly connectionGater: {
    denyDialMultiaddr?(address: Multiaddr): boolean | Promise<boolean>
  }
  readonly upgrader: {
    upgradeInbound(connection: RawConnection, options: object): Promise<unknown>
    upgradeOutbound(connection: RawConnection, options: object): Promise<unknown>
  }
  readonly addressManager: {
    getAddressesWithMetadata(): { multiaddr: Multiaddr; type: string; verified: boolean }[]
    confirmObservedAddr(address: Multiaddr, options: { type: 'transport'; ttl: number }): void
  }
}

/** A connection before it is encrypted; with TCP's socket, where it is one of TCP (`socket-to-conn.ts` of @libp2p/tcp). */
export interface RawConnection {
  readonly remoteAddr: Multiaddr
  readonly socket?: {
    readonly destroyed: boolean
    readonly bytesRead: number
    cork(): void
    uncork(): void
  }
  abort(error: Error): void
  sendData(data: unknown): { sentBytes: number; canSendMore: boolean }
}

/** The services of a host that are looked into; a host may have neither. */
export interface HostServices {
  readonly identify?: {
    identify(connection: Connection, options?: object): Promise<unknown>
    _identify(
      connection: Connection,
      options?: object,
    ): Promise<{ protocols: string[]; signedPeerRecord?: Uint8Array }>
  }
  readonly identifyPush?: {
    handleProtocol(stream: Stream, connection: Connection): Promise<void>
  }
  readonly ping?: {
    readonly protocol: string
    ping(peer: unknown, options?: object): Promise<number>
  }
}

/** libp2p's own parts. Their place in PARTS is what checks them. */
export function libp2pParts(libp2p: Libp2p): Libp2pParts {
  return (libp2p as unknown as { components: Libp2pParts }).components
}

/** The services of a host, whatever it was made with. */
export function hostServices(libp2p: Libp2p): HostServices {
  return libp2p.services
}

/** A stock library that is patched. */
export type Stock =
  | 'libp2p'
  | '@libp2p/identify'
  | '@libp2p/kad-dht'
  | '@libp2p/ping'
  | '@libp2p/tcp'
  | '@chainsafe/libp2p-noise'
  | '@chainsafe/libp2p-yamux'

/** A part of a stock library that is no part of its public interface and that code here relies on. */
export interface Part {
  readonly package: Stock
  /** From the root of the package. */
  readonly file: string
  /** From where `path` starts. */
  readonly of: 'libp2p' | 'dht'
  readonly path: string
  readonly type: 'function' | 'object' | 'number' | 'string'
}

function parts(from: Omit<Part, 'path' | 'type'>, paths: Record<string, Part['type']>): Part[] {
  return Object.entries(paths).map(([path, type]) => ({ ...from, path, type }))
}

/** Every private part that code here relies on. */
export const PARTS: readonly Part[] = [
  ...parts(
    { package: 'libp2p', file: 'src/transport-manager.ts', of: 'libp2p' },
    {
      'components.transportManager.dial': 'function',
      'components.transportManager.getAddrs': 'function',
    },
  ),
  ...parts(
    { package: 'libp2p', file: 'src/connection-manager/index.ts', of: 'libp2p' },
    {
      'components.connectionManager.acceptIncomingConnection': 'function',
      'components.connectionManager.openConnection': 'function',
      'components.connectionManager.getConnections': 'function',
      'components.connectionManager.getMaxConnections': 'function',
    },
  ),
  ...parts(
    { package: 'libp2p', file: 'src/components.ts', of: 'libp2p' },
    { 'components.connectionGater': 'object' },
  ),
  ...parts(
    { package: 'libp2p', file: 'src/upgrader.ts', of: 'libp2p' },
    {
      'components.upgrader.upgradeInbound': 'function',
      'components.upgrader.upgradeOutbound': 'function',
    },
  ),
  ...parts(
    { package: 'libp2p', file: 'src/address-manager/index.ts', of: 'libp2p' },
    {
      'components.addressManager.getAddressesWithMetadata': 'function',
      'components.addressManager.confirmObservedAddr': 'function',
    },
  ),
  ...parts(
    { package: '@libp2p/identify', file: 'src/identify.ts', of: 'libp2p' },
    { 'services.identify.identify': 'function', 'services.identify._identify': 'function' },
  ),
  ...parts(
    { package: '@libp2p/identify', file: 'src/identify-push.ts', of: 'libp2p' },
    { 'services.identifyPush.handleProtocol': 'function' },
  ),
  ...parts(
    { package: '@libp2p/ping', file: 'src/ping.ts', of: 'libp2p' },
    { 'services.ping.ping': 'function', 'services.ping.protocol': 'string' },
  ),
  ...parts(
    { package: '@libp2p/kad-dht', file: 'src/kad-dht.ts', of: 'dht' },
    { protocol: 'string', peerInfoMapper: 'function', onPeerConnect: 'function' },
  ),
  ...parts(
    { package: '@libp2p/kad-dht', file: 'src/routing-table/index.ts', of: 'dht' },
    {
      'routingTable.size': 'number',
      'routingTable.kBucketSize': 'number',
      'routingTable.add': 'function',
      'routingTable.find': 'function',
      'routingTable.remove': 'function',
      'routingTable.queueRoutingTableUpdate': 'function',
      'routingTable.addEventListener': 'function',
    },
  ),
  ...parts(
    { package: '@libp2p/kad-dht', file: 'src/routing-table/k-bucket.ts', of: 'dht' },
    {
      'routingTable.kb.root': 'object',
      'routingTable.kb.get': 'function',
      'routingTable.kb.toIterable': 'function',
      'routingTable.kb._split': 'function',
    },
  ),
  ...parts(
    { package: '@libp2p/kad-dht', file: 'src/routing-table/refresh.ts', of: 'dht' },
    {
      'routingTableRefresh._maxCommonPrefix': 'function',
      'routingTableRefresh._refreshCommonPrefixLength': 'function',
    },
  ),
]

/** A stock library is not the release whose private parts this code knows. */
export class MissingPartError extends KadlabError {
  static override readonly name = 'MissingPartError'
  /** What is missing. */
  readonly missing: readonly Part[]

  constructor(missing: readonly Part[]) {
    const each = missing.map(
      ({ package: name, file, of, path, type }) =>
        `a ${type} \`${of}.${path}\` of ${name} ${packageJson.devDependencies[name]} (${file})`,
    )
    super(
      `expected ${each.join(', ')}; saw none. Install the versions of package-lock.json (npm ci); a newer one needs ` +
        'its patches in node/patches/ looked at.',
    )
    this.missing = missing
  }
}

/**
 * Looks whether every private part is there, before anything relies on one.
 *
 * @throws MissingPartError that names each one that is not
 */
export function checkParts(host: { libp2p: Libp2p; dht: KadDHT }): void {
  const missing = PARTS.filter(({ of, path, type }) => typeof valueAt(host[of], path) !== type)
  if (missing.length > 0) throw new MissingPartError(missing)
}

function valueAt(root: unknown, path: string): unknown {
  let value = root
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}
