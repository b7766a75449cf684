import type { Readable, Writable } from 'node:stream'
import type { DiscoveryOptions, NodeApi, NodeStatus, PeerView } from '#node/api/node-api.ts'
import { NotImplementedError } from '#node/api/store-face.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { EventLog } from '#node/events/event-log.ts'
import type { DialOutcome } from '#node/judgement/dial-outcome.ts'
import {
  createForeignCommands,
  type ForeignCommands,
  ForeignPeerError,
} from './foreign-commands.ts'
import { foreignDialErrorKind } from './foreign-dial-error.ts'
import { foreignRecords } from './foreign-records.ts'
import { ForeignView } from './foreign-view.ts'
import { toNodeEvents } from './to-node-events.ts'

export interface ForeignPeerOptions {
  /** Given lines that are neither an answer nor an event. Default: dropped. */
  onStray?: (line: string) => void
}

/**
 * A peer of another implementation at the far end of two streams, as a `NodeApi` (`orchestrator/foreign/`). What such a
 * peer does not say is null; what it cannot do rejects with `NotImplementedError`.
 */
export function createForeignPeer(
  output: Readable,
  input: Writable,
  { onStray = () => {} }: ForeignPeerOptions = {},
): NodeApi & AsyncDisposable {
  const view = new ForeignView()
  const startedMs = performance.now()
  const stream = new ForeignEvents(startedMs)
  const commands = createForeignCommands(output, input, {
    onEvent: (event) => {
      view.hear(event)
      for (const body of toNodeEvents(event, view)) stream.hear(body, event.ms)
      stream.heard(event.ms)
    },
    onStray,
    onEnd: () => stream.log.end(),
  })

  const refreshTable = async (options: AbortOptions): Promise<void> => {
    const [answer] = await commands.send(['PEERS'], options)
    if (answer?.event === 'peers') view.takeTable(answer.peers ?? [])
  }

  return {
    status: async (options = {}) => {
      await refreshTable(options)
      return statusOf(view, Math.round(performance.now() - startedMs))
    },
    peers: async (options = {}) => {
      await refreshTable(options)
      return peersOf(view)
    },
    discovery: async (discovery: DiscoveryOptions = {}) => {
      await refreshTable(discovery)
      if (discovery.dialBack === true) await dialBack(commands, view, stream, discovery)
      const heardOf = view.observations().map(({ peerId }) => peerId)
      const wanted = new Set([...heardOf, ...(discovery.targets ?? [])])
      if (view.peerId !== null) wanted.delete(view.peerId)
      return [...wanted].map((peer) => view.sighting(peer))
    },
    ...foreignRecords(commands),
    dial: (address, options) => dial(commands, view, address, options),
    ping: () =>
      Promise.reject(
        new NotImplementedError('peers of other implementations cannot be told to ping'),
      ),
    events: (options) => stream.log.events(options),
    [Symbol.asyncDispose]: () => {
      commands.end()
      return Promise.resolve()
    },
  }
}

/** A peer's events with numbers, stamped by the peer's own clock, which starts with its process. */
class ForeignEvents {
  readonly log = new EventLog({ elapsedMs: () => 0 })
  #seq = 0
  #lastMs = 0
  #heardMs: number

  constructor(startedMs: number) {
    this.#heardMs = startedMs
  }

  hear(body: ReturnType<typeof toNodeEvents>[number], ms: number): void {
    this.#seq += 1
    this.log.take({ seq: this.#seq, ms, ...body })
  }

  /** The peer's clock shows this now. */
  heard(ms: number): void {
    this.#lastMs = ms
    this.#heardMs = performance.now()
  }

  /** What the peer's clock shows by now. */
  nowMs(): number {
    return Math.round(this.#lastMs + performance.now() - this.#heardMs)
  }
}

async function dial(
  commands: ForeignCommands,
  view: ForeignView,
  address: string,
  options: AbortOptions = {},
): Promise<DialOutcome> {
  const since = performance.now()
  const took = (): number => Math.round(performance.now() - since)
  try {
    await commands.send(['DIAL', address], options)
    return { address, ok: true, kind: null, error: null, durationMs: took() }
  } catch (error) {
    if (!(error instanceof ForeignPeerError)) throw error
    const kind = foreignDialErrorKind(error.message, view.peerId)
    return { address, ok: false, kind, error: error.message, durationMs: took() }
  }
}

/** Tries each address under which a peer is listed and which was not tried yet, and those of the targets `again`, on a fresh connection. */
async function dialBack(
  commands: ForeignCommands,
  view: ForeignView,
  stream: ForeignEvents,
  { again = false, targets = [], ...options }: DiscoveryOptions,
): Promise<void> {
  const untried = view
    .observations()
    .filter(({ table }) => table.listed)
    .flatMap(({ peerId, kept, dialBack: tried }) =>
      kept
        .filter(
          (address) =>
            (again && targets.includes(peerId)) || tried.every((done) => done.address !== address),
        )
        .map((address) => ({ peerId, address })),
    )
  await Promise.all(
    untried.map(async ({ peerId, address }) => {
      const { ok, kind, error } = await dial(commands, view, `${address}/p2p/${peerId}`, options)
      const why = kind === null ? {} : { kind, error: error ?? '' }
      view.dialledBack(peerId, { address, ok, ...why })
      stream.hear({ event: 'dialled-back', peer: peerId, address, ok, kind }, stream.nowMs())
    }),
  )
}

function statusOf(view: ForeignView, uptimeMs: number): NodeStatus {
  const observations = view.observations()
  const connections = observations.reduce((sum, each) => sum + each.connections.length, 0)
  return {
    peerId: view.peerId ?? '',
    agent: view.agent ?? '',
    mode: view.mode ?? 'client',
    protocol: view.protocol,
    scope: 'any',
    listening: view.listening,
    announced: view.announced,
    connections,
    listed: observations.filter(({ table }) => table.listed).length,
    joined: connections > 0,
    ready: view.listening.length > 0,
    waitingFor: [],
    uptimeMs,
    residentBytes: 0,
  }
}

function peersOf(view: ForeignView): PeerView[] {
  return view.observations().map((each) => ({
    peerId: each.peerId,
    connected: each.connections.length > 0,
    listed: each.table.listed,
    addresses: each.kept,
    remoteAddresses: each.connections.map(({ remoteAddress }) => remoteAddress),
    agent: each.identify.state === 'done' ? each.identify.agent : null,
  }))
}
