import type { NodeApi, NodeStatus } from '#node/api/node-api.ts'
import { watchKey } from '#node/api/watch-key.ts'
import { EventLog } from '#node/events/event-log.ts'
import { StoreError, VersionError } from '#node/store/errors.ts'
import type { PutOutcome, WriteOptions } from '#node/store/outcomes.ts'

/** A `NodeApi` over a Map, for tests of the faces; `log` is where its events come from. */
export interface FakeApi extends NodeApi {
  readonly log: EventLog
  /** The signals of calls of `provide`, which never settles but by its signal. */
  readonly hanging: AbortSignal[]
}

export const FAKE_STATUS: NodeStatus = {
  peerId: 'fake-peer',
  agent: 'kadlab/0.0.0',
  mode: 'server',
  protocol: '/ipfs/kad/1.0.0',
  scope: 'public',
  listening: ['/ip4/127.0.0.1/tcp/3000'],
  announced: [],
  connections: 1,
  listed: 1,
  joined: true,
  ready: true,
  waitingFor: [],
  uptimeMs: 12,
  residentBytes: 1024,
}

export function createFakeApi(overrides: Partial<NodeApi> = {}): FakeApi {
  const log = new EventLog({ elapsedMs: () => 5 })
  const records = new Map<string, { value: Uint8Array; version: string }>()
  let writes = 0
  const write = (key: string, { replicas = 1, ifVersion }: WriteOptions): PutOutcome => {
    if (replicas > 1) throw new StoreError('1 of 2 copies', { expected: replicas, seen: 1 })
    const before = records.get(key)?.version ?? null
    if (ifVersion !== undefined && ifVersion !== before) throw new VersionError(`it is ${before}`)
    writes += 1
    return { copies: 1, holders: ['peer'], version: `${writes}-0-writer` }
  }
  const hanging: AbortSignal[] = []
  const api: FakeApi = {
    log,
    hanging,
    status: async () => FAKE_STATUS,
    peers: async () => [],
    discovery: async (options = {}) =>
      (options.targets ?? []).map((peerId) => ({
        peerId,
        rung: 'speaks-kademlia',
        connected: true,
        listed: false,
        dialable: options.dialBack === true ? false : null,
        announced: ['/ip4/10.2.0.10/tcp/3000'],
        cause: 'ONLY_PRIVATE_ADDRESSES',
        evidence: { announced: ['/ip4/10.2.0.10/tcp/3000'], scope: 'public', kept: [] },
        remedy: { on: 'target', set: 'PUBLIC_IP=11.0.0.12', text: 'announce a public address' },
      })),
    put: async (key, value, options = {}) => {
      const outcome = write(key, options)
      records.set(key, { value, version: outcome.version ?? '' })
      log.emit({ event: 'stored', key, from: null })
      return outcome
    },
    get: async (key) => {
      const held = records.get(key)
      return held === undefined ? null : { ...held, from: null, writer: 'writer', agreed: 1 }
    },
    list: async ({ after = '', limit = 100 } = {}) => {
      const held = [...records].filter(([key]) => key > after)
      held.sort(([one], [other]) => (one < other ? -1 : 1))
      const keys = held
        .slice(0, limit)
        .map(([key, { value }]) => ({ key, valueBytes: value.byteLength }))
      return { keys, next: held.length > limit ? (keys.at(-1)?.key ?? null) : null }
    },
    delete: async (key, options = {}) => {
      const outcome = write(key, options)
      records.delete(key)
      log.emit({ event: 'stored', key, from: null })
      return outcome
    },
    provide: (_key, { signal } = {}) => {
      const { promise, reject } = Promise.withResolvers<never>()
      if (signal !== undefined) {
        hanging.push(signal)
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      }
      return promise
    },
    providers: async (key) => [`provider of ${key}`],
    dial: async (address) => ({ address, ok: true, kind: null, error: null, durationMs: 1 }),
    ping: async (peerId) => ({ roundTripMs: peerId.length }),
    watch: (key, options) => watchKey(api, key, options),
    events: (options) => log.events(options),
    ...overrides,
  }
  return api
}
