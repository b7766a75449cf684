import { peerIdFromString } from '@libp2p/peer-id'
import type { NodeApi } from '../api/node-api.ts'
import { tellOwnEvents } from '../api/own-events.ts'
import { createPeerApi } from '../api/peer-api.ts'
import type { Log } from '../base/log.ts'
import type { NodeConfig } from '../config/config.ts'
import { createObserver, type ObserverOptions } from '../discovery/observer.ts'
import { EventLog } from '../events/event-log.ts'
import { peerIdOf } from '../judgement/multiaddr-facts.ts'
import { kadParts } from '../patches/kad.ts'
import { loadIdentity } from '../peer/identity.ts'
import type { Peer, PeerComponents } from '../peer/peer.ts'
import { itemLimits } from '../store/items.ts'
import { createProviders } from '../store/providers.ts'
import { systemClock } from '../time/clock.ts'
import { createStockHost, STOCK_AGENT, type StockHost } from './stock-host.ts'
import { stockValues } from './stock-values.ts'

export interface StockComponents extends Pick<PeerComponents, 'clock' | 'transport'> {
  log: Log
  observer?: ObserverOptions
  /** Milliseconds that went by before this call since what events count from, the start of a process. Default 0. */
  agedMs?: number
}

/** A stock node in this process. It starts once and stops once; stopping again waits for the first stop. */
export interface StockNode extends AsyncDisposable {
  readonly peerId: string
  readonly api: NodeApi
  /** Resolves when the node listens. */
  start(): Promise<void>
  stop(options?: { why?: string }): Promise<void>
}

/**
 * Makes js-libp2p with kad-dht as it comes, stopped: nothing of it is patched or set otherwise. What looks on is kadlab's observer, so
 * that the node can say whom it sees and why not; it changes nothing, and dials nobody unasked.
 *
 * @throws IdentityError
 */
export async function createStockNode(
  config: NodeConfig,
  { log, clock = systemClock, transport, observer: watching, agedMs = 0 }: StockComponents,
): Promise<StockNode> {
  const startedAt = clock.now() - agedMs
  const elapsedMs = (): number => clock.now() - startedAt
  const privateKey = await loadIdentity(config.identity)
  const libp2p = await createStockHost(config, {
    privateKey,
    ...(transport !== undefined && { transport }),
  })
  const { peerId } = libp2p
  const dht = kadParts(libp2p.services.dht)
  const peer = { libp2p, dht, peerId, config, join: joinOf(libp2p, config) }
  const events = new EventLog({ elapsedMs })
  const emit = events.emit.bind(events)
  const observer = createObserver(
    { peer, clock, log: log.child({ part: 'discovery' }), emit },
    watching,
  )
  const stopTelling = tellOwnEvents({ peer, emit })
  const items = itemLimits(config)
  const providers = createProviders(
    { dht, peerId, clock },
    { items, queryTimeoutMs: config.kadQueryTimeoutMs },
  )

  let stopped: Promise<void> | null = null
  const stopAll = async (why: string): Promise<void> => {
    emit({ event: 'stopping', why })
    stopTelling()
    await observer.stop()
    await libp2p.stop()
    events.end()
  }
  const stop: StockNode['stop'] = async ({ why = 'asked to' } = {}) => (stopped ??= stopAll(why))
  return {
    peerId: peerId.toString(),
    api: {
      ...createPeerApi({ peer, observer, events, clock, agent: STOCK_AGENT, elapsedMs }),
      ...stockValues(libp2p, items),
      provide: async (key, options) => providers.provide(key, options),
      providers: async (key, options) => providers.providers(key, options),
    },
    async start() {
      emit({ event: 'start', peer: peerId.toString(), agent: STOCK_AGENT })
      observer.start()
      try {
        await libp2p.start()
      } catch (error) {
        await stop({ why: 'it could not start' })
        throw error
      }
    },
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  }
}

/** How it stands with the bootstrap peers: whether they are connected, since nobody counts what became of dialling them. */
function joinOf(
  libp2p: StockHost,
  { bootstrap }: NodeConfig,
): Pick<Peer['join'], 'joined' | 'bootstrapPeers'> {
  const states = (): ReturnType<Peer['join']['bootstrapPeers']> =>
    bootstrap.map((address) => {
      const named = peerIdOf(address)
      const isConnected =
        named !== null && libp2p.getConnections(peerIdFromString(named)).length > 0
      return {
        address,
        peerId: named,
        state: isConnected ? 'connected' : 'waiting',
        failures: 0,
        lastError: null,
      }
    })
  return {
    get joined() {
      return bootstrap.length === 0 || states().some(({ state }) => state === 'connected')
    },
    bootstrapPeers: states,
  }
}
