import type { Readable, Writable } from 'node:stream'
import { BadRequestError, DisconnectedError } from '#node/api/errors.ts'
import { PendingCalls } from '#node/api/lines/pending-calls.ts'
import { readLines } from '#node/api/lines/reader.ts'
import type { NodeApi, PeerView } from '#node/api/node-api.ts'
import type { DiscoveryOptions } from '#node/api/node-api.ts'
import { NotImplementedError, StoreError } from '#node/api/store-face.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { KadlabError } from '#node/base/errors.ts'
import { EventLog } from '#node/events/event-log.ts'
import type { DialOutcome } from '#node/judgement/dial-outcome.ts'
import { foreignDialErrorKind } from './foreign-dial-error.ts'
import { type ForeignAnswer, type ForeignEvent, readForeignLine } from './foreign-line.ts'
import { ForeignView } from './foreign-view.ts'
import { toNodeEvents } from './to-node-events.ts'

/** A foreign peer said no; the message is its own. */
export class ForeignPeerError extends KadlabError {
  static override readonly name = 'ForeignPeerError'
}

export interface ForeignPeerOptions {
  /** Told of lines that are neither an answer nor an event. Default: dropped. */
  onStray?: (line: string) => void
}

/** The lines of an answer so far. */
interface Lines {
  lines: ForeignAnswer[]
  isLast: (answer: ForeignAnswer) => boolean
}

/**
 * A peer of another implementation at the far end of two streams, as a `NodeApi`: commands in words, answers and events
 * as JSON lines (`orchestrator/foreign/`). What such a peer cannot tell is null; what it cannot do rejects with
 * `NotImplementedError`.
 */
export function createForeignPeer(
  output: Readable,
  input: Writable,
  options: ForeignPeerOptions = {},
): NodeApi & AsyncDisposable {
  const view = new ForeignView()
  const pending = new PendingCalls<Lines, ForeignAnswer[]>()
  const startedMs = performance.now()
  const log = new EventLog({ elapsedMs: () => 0 })
  let seq = 0
  let lastMs = 0
  let heardMs = startedMs

  const disconnect = (why: string, cause: Error | null): void => {
    pending.end(new DisconnectedError(why, cause === null ? {} : { cause }))
    log.end()
  }

  const hear = (event: ForeignEvent): void => {
    view.hear(event)
    // Stamped by the peer's own clock, which starts with its process.
    for (const body of toNodeEvents(event, view)) {
      seq += 1
      log.take({ seq, ms: event.ms, ...body })
    }
    lastMs = event.ms
    heardMs = performance.now()
  }

  const settle = (answer: ForeignAnswer): void => {
    const call = pending.get(Number(answer.tag))
    if (call === undefined) return
    const { lines, isLast } = call.note
    lines.push(answer)
    if (answer.ok === false) call.reject(new ForeignPeerError(answer.error ?? 'it said no'))
    else if (isLast(answer)) call.resolve(lines)
  }

  const stopReading = readLines(output, {
    onLine: (line) => {
      const read = readForeignLine(line)
      if (read.kind === 'event') hear(read.event)
      else if (read.kind === 'answer') settle(read.answer)
      else options.onStray?.(line)
    },
    onTooLong: () => options.onStray?.('(a line above the limit)'),
    onEnd: (error) => disconnect('the output of the peer ended before it answered', error),
  })
  input.on('error', (error: Error) => disconnect('the input of the peer is closed', error))

  /** Sends one command; resolves with all lines of its answer. */
  const command = async (
    words: string[],
    callOptions: AbortOptions = {},
    isLast: Lines['isLast'] = () => true,
  ): Promise<ForeignAnswer[]> => {
    const ask = (tag: number): void => void input.write(`@${tag} ${words.join(' ')}\n`)
    return pending.make({ lines: [], isLast }, ask, callOptions)
  }

  const refreshTable = async (callOptions: AbortOptions): Promise<void> => {
    const [answer] = await command(['PEERS'], callOptions)
    if (answer?.event === 'peers') view.takeTable(answer.peers ?? [])
  }

  const dial = async (address: string, callOptions: AbortOptions = {}): Promise<DialOutcome> => {
    const since = performance.now()
    const took = (): number => Math.round(performance.now() - since)
    try {
      await command(['DIAL', address], callOptions)
      return { address, ok: true, kind: null, error: null, durationMs: took() }
    } catch (error) {
      if (!(error instanceof ForeignPeerError)) throw error
      const kind = foreignDialErrorKind(error.message, view.peerId)
      return { address, ok: false, kind, error: error.message, durationMs: took() }
    }
  }

  /** Tries each address under which a peer is listed and which was not tried yet, on a fresh connection. */
  const dialBack = async (callOptions: AbortOptions): Promise<void> => {
    const untried = view
      .observations()
      .filter(({ table }) => table.listed)
      .flatMap(({ peerId, kept, dialBack: tried }) =>
        kept
          .filter((address) => tried.every((done) => done.address !== address))
          .map((address) => ({ peerId, address })),
      )
    await Promise.all(
      untried.map(async ({ peerId, address }) => {
        const { ok, kind, error } = await dial(`${address}/p2p/${peerId}`, callOptions)
        const why = kind === null ? {} : { kind, error: error ?? '' }
        view.dialledBack(peerId, { address, ok, ...why })
        seq += 1
        const ms = Math.round(lastMs + performance.now() - heardMs)
        log.take({ seq, ms, event: 'dialled-back', peer: peerId, address, ok, kind })
      }),
    )
  }

  return {
    status: async (callOptions = {}) => {
      await refreshTable(callOptions)
      const observations = view.observations()
      const listed = observations.filter(({ table }) => table.listed).length
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
        listed,
        joined: connections > 0,
        ready: view.listening.length > 0,
        waitingFor: [],
        uptimeMs: Math.round(performance.now() - startedMs),
        residentBytes: 0,
      }
    },
    peers: async (callOptions = {}) => {
      await refreshTable(callOptions)
      return view.observations().map((each): PeerView => ({
        peerId: each.peerId,
        connected: each.connections.length > 0,
        listed: each.table.listed,
        addresses: each.kept,
        remoteAddresses: each.connections.map(({ remoteAddress }) => remoteAddress),
        agent: each.identify.state === 'done' ? each.identify.agent : null,
      }))
    },
    discovery: async (discovery: DiscoveryOptions = {}) => {
      await refreshTable(discovery)
      if (discovery.dialBack === true) await dialBack(discovery)
      const heardOf = view.observations().map(({ peerId }) => peerId)
      const wanted = new Set([...heardOf, ...(discovery.targets ?? [])])
      if (view.peerId !== null) wanted.delete(view.peerId)
      return [...wanted].map((peer) => view.sighting(peer))
    },
    put: async (key, value, putOptions = {}) => {
      const { minCopies, ...callOptions } = putOptions
      const base64 = Buffer.from(value).toString('base64')
      try {
        await command(['PUT64', recordKey(key), base64], callOptions)
      } catch (error) {
        if (!(error instanceof ForeignPeerError)) throw error
        const copies = { expected: minCopies ?? 1, seen: 0 }
        throw new StoreError(`the put was refused: ${error.message}`, copies, { cause: error })
      }
      // Such a peer tells that its quorum of one was reached, and not how many more.
      return { copies: 1 }
    },
    get: async (key, callOptions) => {
      try {
        const [answer] = await command(['GET', recordKey(key)], callOptions)
        if (answer?.event !== 'get' || answer.base64 === undefined) return null
        return { value: Buffer.from(answer.base64, 'base64'), from: answer.from ?? null }
      } catch (error) {
        if (error instanceof ForeignPeerError && /not found/i.test(error.message)) return null
        throw error
      }
    },
    delete: async () => {
      await Promise.reject(new NotImplementedError('peers of other implementations delete nothing'))
    },
    provide: async (key, callOptions) => {
      await command(['PUT_PROVIDER', oneWord(key)], callOptions)
      return { told: 1 }
    },
    providers: async (key, callOptions) => {
      const lines = await command(['GET_PROVIDERS', oneWord(key)], callOptions, isProvidersDone)
      const found = lines.flatMap((line) =>
        line.event === 'providers' ? (line.providers ?? []) : [],
      )
      return [...new Set(found)]
    },
    dial,
    events: (eventsOptions) => log.events(eventsOptions),
    [Symbol.asyncDispose]: () => {
      stopReading()
      disconnect('the peer was disposed of', null)
      return Promise.resolve()
    },
  }
}

function isProvidersDone(answer: ForeignAnswer): boolean {
  return answer.event === 'providers-done'
}

/** The key under which a record is kept. */
function recordKey(key: string): string {
  return `/kv/${oneWord(key)}`
}

function oneWord(key: string): string {
  if (!/\s/.test(key)) return key
  throw new BadRequestError(
    `the key ${JSON.stringify(key)} holds white space, which the line protocol of these peers cannot carry`,
  )
}
