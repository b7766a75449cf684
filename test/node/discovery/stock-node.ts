import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PeerId, PrivateKey } from '@libp2p/interface'
import {
  type KadDHT,
  kadDHT,
  type KadDHTInit,
  passthroughMapper,
  removePrivateAddressesMapper,
  removePublicAddressesMapper,
} from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { createObserver, type Observer, type ObserverOptions } from '#node/discovery/observer.ts'
import type { NodeEventBody } from '#node/events/node-event.ts'
import { withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import { type Clock, systemClock } from '#node/time/clock.ts'
import { SOON_MS } from '#test/node/peers.ts'

/** What one test varies of a node; everything else is as in a well-behaved stock js-libp2p server. */
export interface NodeOptions {
  scope?: 'public' | 'private' | 'any'
  kad?: KadDHTInit
  /** As KAD_MODE says it, which kad-dht is not told by this. */
  kadMode?: 'server' | 'client' | 'auto'
  host?: Omit<Libp2pOptions, 'services'>
  privateKey?: PrivateKey
  /** Services that the node does not offer. Kademlia insists on having them: they get a protocol nobody else speaks. */
  without?: ('identify' | 'identifyPush' | 'ping')[]
  /** How long an answer to identify is awaited; only a test of silence wants it short. */
  identifyMs?: number
  observer?: ObserverOptions
  clock?: Clock
}

/** A libp2p host on loopback, made of libp2p's own parts, with an observer. */
export interface TestNode extends AsyncDisposable {
  libp2p: Libp2p
  dht: KadDHT
  peerId: PeerId
  id: string
  observer: Observer
  events: NodeEventBody[]
  warnings: string[]
  notes: string[]
  /** Resolves with the first warning, past ones included, that matches. */
  warning(pattern: RegExp): Promise<string>
  /** The same of what is told without a warning. */
  note(pattern: RegExp): Promise<string>
  /** Resolves with the first event, past ones included, of which `isIt` holds. */
  event(isIt: (event: NodeEventBody) => boolean): Promise<NodeEventBody>
  /**
   * Resolves when `target` was sighted with this cause, null for the top rung: why as it was told then, all else as it
   * is by now.
   */
  sighted(target: string, cause: Sighting['cause']): Promise<Sighting>
  /** How `target` is judged at this moment. */
  sighting(target: string, options?: { dialBack?: boolean }): Promise<Sighting>
  /** Resolves when one of its connections closes. */
  closing(): Promise<void>
  /** The address on which it listens, with its peer id. */
  address(): Multiaddr
  /** The same without the peer id. */
  bareAddress(): string
  /** Puts a peer into the routing table past the address filter, as kad-dht does with peers that answer a query. */
  list(peer: PeerId): void
  /** Does what kad-dht does with each peer that an answer names. */
  relist(peer: PeerId): Promise<void>
  /** Takes a peer out of the routing table. */
  unlist(peer: PeerId): Promise<void>
}

type SightingEvent = Extract<NodeEventBody, { event: 'sighting' }>

interface Table {
  queueRoutingTableUpdate(peer: PeerId): void
  add(peer: PeerId): Promise<void>
  remove(peer: PeerId): Promise<void>
}

const MAPPERS = {
  public: removePrivateAddressesMapper,
  private: removePublicAddressesMapper,
  any: passthroughMapper,
}

/** The same key for the same number, so that a node can come back as itself. */
export async function keyOf(number: number): Promise<PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(number))
}

/** The peer id of `keyOf(number)`. */
export async function idOf(number: number): Promise<string> {
  return peerIdFromPrivateKey(await keyOf(number)).toString()
}

export async function startNode(options: NodeOptions = {}): Promise<TestNode> {
  const { scope = 'any', without = [], identifyMs = 10_000, privateKey } = options
  const prefix = (service: (typeof without)[number]): { protocolPrefix?: string } =>
    without.includes(service) ? { protocolPrefix: 'nobody-else' } : {}
  const libp2p: Libp2p<{ dht: KadDHT }> = await createLibp2p({
    start: false,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000, reconnectRetries: 0 },
    ...(privateKey !== undefined && { privateKey }),
    ...options.host,
    services: {
      identify: identify({ timeout: identifyMs, ...prefix('identify') }),
      identifyPush: identifyPush({ debounce: 1, ...prefix('identifyPush') }),
      ping: ping({ maxInboundStreams: 32, maxOutboundStreams: 32, ...prefix('ping') }),
      dht: kadDHT({
        clientMode: false,
        peerInfoMapper: MAPPERS[scope],
        allowQueryWithZeroPeers: true,
        initialQuerySelfInterval: 3_600_000,
        ...options.kad,
      }),
    },
  })
  const events: NodeEventBody[] = []
  const warnings: string[] = []
  const notes: string[] = []
  const waiting = new Set<() => void>()
  const tellTo =
    (told: string[]) =>
    (_: unknown, message: string): void => {
      told.push(message)
      for (const look of waiting) look()
    }
  const { dht } = libp2p.services
  const observer = createObserver(
    {
      peer: { libp2p, dht, config: { addressScope: scope, kadMode: options.kadMode } },
      clock: options.clock ?? systemClock,
      log: {
        warn: tellTo(warnings),
        info: tellTo(notes),
        debug: () => {},
      },
      emit: (event) => {
        events.push(event)
        for (const look of waiting) look()
      },
    },
    { settleMs: 50, ...options.observer },
  )
  observer.start()
  await libp2p.start()

  async function firstOf<T>(told: readonly T[], isIt: (one: T) => boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const deadline = setTimeout(() => {
      reject(new Error(`it was not told; this was: ${JSON.stringify(told, null, 1)}`))
    }, SOON_MS)
    const look = (): void => {
      const found = told.find(isIt)
      if (found !== undefined) resolve(found)
    }
    waiting.add(look)
    look()
    try {
      return await promise
    } finally {
      waiting.delete(look)
      clearTimeout(deadline)
    }
  }
  const sighting: TestNode['sighting'] = async (target, { dialBack = false } = {}) => {
    const all = await observer.sightings({ dialBack, targets: [target] })
    const found = all.find(({ peerId }) => peerId === target)
    if (found === undefined) throw new Error(`no sighting of ${target}`)
    return found
  }
  const { routingTable: table } = dht as unknown as { routingTable: Table }
  const address = (): Multiaddr => {
    const [first] = libp2p.getMultiaddrs()
    if (first === undefined) throw new Error('the node announces nothing')
    return first
  }
  return {
    libp2p,
    dht,
    peerId: libp2p.peerId,
    id: libp2p.peerId.toString(),
    observer,
    events,
    warnings,
    notes,
    note: async (pattern) => firstOf(notes, (one) => pattern.test(one)),
    warning: async (pattern) => firstOf(warnings, (one) => pattern.test(one)),
    event: async (isIt) => firstOf(events, isIt),
    sighting,
    async sighted(target, cause) {
      const isIt = (one: NodeEventBody): one is SightingEvent =>
        one.event === 'sighting' && one.peer === target && one.cause === cause
      const told = await firstOf<NodeEventBody>(events, isIt)
      const now = await sighting(target)
      return isIt(told)
        ? { ...now, evidence: told.evidence, remedy: told.remedy, rung: told.rung, cause }
        : now
    },
    async closing() {
      const { promise, resolve } = Promise.withResolvers<void>()
      libp2p.addEventListener('connection:close', () => resolve(), { once: true })
      await promise
    },
    address,
    bareAddress: () => withoutPeerId(address().toString()),
    list: (peer) => table.queueRoutingTableUpdate(peer),
    relist: async (peer) => table.add(peer),
    unlist: async (peer) => table.remove(peer),
    async [Symbol.asyncDispose]() {
      await observer.stop()
      await libp2p.stop()
    },
  }
}

/** Two nodes that list each other. */
export interface Pair extends AsyncDisposable {
  a: TestNode
  /** The one that dialled. */
  b: TestNode
}

export async function startPair(optionsOfA?: NodeOptions, optionsOfB?: NodeOptions): Promise<Pair> {
  await using started = new AsyncDisposableStack()
  const a = started.use(await startNode(optionsOfA))
  const b = started.use(await startNode(optionsOfB))
  await b.libp2p.dial(a.address())
  await a.event(({ event }) => event === 'listed')
  await b.event(({ event }) => event === 'listed')
  const both = started.move()
  return { a, b, [Symbol.asyncDispose]: () => both.disposeAsync() }
}
