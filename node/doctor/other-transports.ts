import { lookup } from 'node:dns'
import { once } from 'node:events'
import { connect, isIPv6, type LookupFunction } from 'node:net'
import type { quic } from '@chainsafe/libp2p-quic'
import type { Connection, DialTransportOptions, Transport } from '@libp2p/interface'
import type { TCPComponents } from '@libp2p/tcp'
import type { webSockets } from '@libp2p/websockets'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { KadlabError } from '../base/errors.ts'
import { hostPort } from '../judgement/multiaddr-facts.ts'
import { type DialRules, publicLookup } from '../peer/public-lookup.ts'
import { untilAborted } from '../time/until-aborted.ts'

/** Something answers, and opens no WebSocket: a web server, or a libp2p peer over plain TCP. */
export class NoWebSocketError extends KadlabError {
  static override readonly name = 'NoWebSocketError'
}

/** A transport beside TCP, whose package a user may have or not. */
export interface OtherTransport {
  /** As `otherTransportOf` names it. */
  name: string
  /** What is to be installed for it. */
  package: string
  /** Names of the parts of an address that it dials, joined by `/`. */
  shape: RegExp
  /** Null where it is not installed, or does not run on this machine. */
  load: (options: DialLimits) => Promise<TransportFactory | null>
  /** Whether a connection goes into a private network: a transport that encrypts by itself cannot. */
  inPrivateNetworks: boolean
}

/** A libp2p transport, before it has its components. */
export type TransportFactory = (components: TransportComponents) => Transport

type TransportComponents = TCPComponents &
  ComponentsOf<QuicPackage['quic']> &
  ComponentsOf<WebSocketsPackage['webSockets']>
type ComponentsOf<Make extends (...options: never[]) => (components: never) => unknown> =
  Parameters<ReturnType<Make>>[0]

export interface DialLimits {
  rules: DialRules | null
  /** Milliseconds after which an address is given up. */
  timeoutMs: number
}

// By names that no bundler follows: a bundle holds neither, and finds them where it is installed beside them.
const QUIC: string = '@chainsafe/libp2p-quic'
const WEB_SOCKETS: string = '@libp2p/websockets'
interface QuicPackage {
  quic: typeof quic
}
interface WebSocketsPackage {
  webSockets: typeof webSockets
}

/** The transports beside TCP that the doctor dials by, each where its package is installed. */
export const OTHER_TRANSPORTS: readonly OtherTransport[] = [
  {
    name: 'QUIC',
    package: QUIC,
    shape: /^(?:ip[46]|dns[46]?)\/udp\/quic-v1$/,
    inPrivateNetworks: false,
    load: async ({ rules, timeoutMs }) => {
      const found = (await importInstalled(QUIC)) as QuicPackage | null
      if (found === null) return null
      const factory = found.quic({ handshakeTimeout: timeoutMs })
      return (components) => {
        return dialledThus(factory(components), async (dial, address, { signal }) => {
          const target = await withAddress(address, rules)
          // It knows no signal: what comes later is ended with the host.
          return untilAborted(signal, dial(target))
        })
      }
    },
  },
  {
    name: 'WebSocket',
    package: WEB_SOCKETS,
    shape: /^(?:ip[46]|dns[46]?)\/tcp\/(?:wss|(?:tls\/(?:sni\/)?)?ws)$/,
    inPrivateNetworks: true,
    load: async ({ rules }) => {
      const found = (await importInstalled(WEB_SOCKETS)) as WebSocketsPackage | null
      if (found === null) return null
      const factory = found.webSockets()
      return (components) =>
        dialledThus(factory(components), async (dial, address, { signal }) => {
          // A certificate is of a name, which therefore stays in the address; what it leads to is looked at before.
          const looked = await withAddress(address, rules)
          try {
            return await dial(address)
          } catch (thrown) {
            throw thrown instanceof Event ? await explainWebSocket(looked, signal) : thrown
          }
        })
    },
  },
]

/** Those of `others` that this machine has and runs. */
export async function installedOf(others: readonly OtherTransport[]): Promise<OtherTransport[]> {
  const loaded = await Promise.all(
    others.map(async ({ load }) => load({ rules: null, timeoutMs: 1 })),
  )
  return others.filter((_, index) => loaded[index] !== null)
}

/** Which of the transports beside TCP `address`, without a peer id, is of; null where it is of none. */
export function transportOf(address: string): OtherTransport | null {
  try {
    const shape = multiaddr(address)
      .getComponents()
      .map(({ name }) => name)
      .join('/')
    return OTHER_TRANSPORTS.find((each) => each.shape.test(shape)) ?? null
  } catch {
    return null
  }
}

async function importInstalled(name: string): Promise<unknown> {
  try {
    return await import(name)
  } catch {
    return null
  }
}

type Dial = (address: Multiaddr) => Promise<Connection>

/** `transport`, which dials by `through` and is aborted in one way. */
function dialledThus(
  transport: Transport,
  through: (dial: Dial, address: Multiaddr, options: DialTransportOptions) => Promise<Connection>,
): Transport {
  const dial = transport.dial.bind(transport)
  transport.dial = async (address, options: DialTransportOptions) => {
    try {
      return await through(async (target) => dial(target, options), address, options)
    } catch (thrown) {
      options.signal.throwIfAborted()
      throw thrown
    }
  }
  return transport
}

/**
 * Why a WebSocket could not be opened: it fails with an event that does not tell, as in a browser.
 *
 * @throws what a TCP connection to the same place ends with
 */
async function explainWebSocket(
  address: Multiaddr,
  signal: AbortSignal,
): Promise<NoWebSocketError> {
  const { host, port } = hostPort(address.toString()) ?? {}
  const socket = connect({ host, port: port ?? 0, signal })
  try {
    await once(socket, 'connect', { signal })
  } finally {
    socket.destroy()
  }
  return new NoWebSocketError(`what answers at ${address.toString()} opens no WebSocket`)
}

/** `address` with the IP address that its name leads to, as TCP would look it up. */
async function withAddress(address: Multiaddr, rules: DialRules | null): Promise<Multiaddr> {
  const text = address.toString()
  const found = hostPort(text)
  if (found?.family !== 'dns') return address
  const family = text.startsWith('/dns4/') ? 4 : text.startsWith('/dns6/') ? 6 : 0
  const look = rules === null ? systemLookup : publicLookup(rules)
  const ip = Promise.withResolvers<string>()
  look(found.host, { family }, (error, address) => {
    if (typeof address === 'string' && error === null) ip.resolve(address)
    else ip.reject(error ?? new RangeError('expected one address, saw several'))
  })
  const host = await ip.promise
  return multiaddr(text.replace(/^\/dns[46]?\/[^/]+/, `/ip${isIPv6(host) ? 6 : 4}/${host}`))
}

const systemLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: false }, callback)
}
