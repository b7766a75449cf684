import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import type { AbortOptions } from '../../base/abort-options.ts'
import { EventLog } from '../../events/event-log.ts'
import type { NodeEvent } from '../../events/node-event.ts'
import type { KeyChange, WatchOptions } from '../../store/outcomes.ts'
import { eitherSignal } from '../../time/deadline.ts'
import { CALLS, type ArgumentsOf, type CallFace, type ResultOf, WATCH } from '../calls.ts'
import { BadRequestError, DisconnectedError, fromWireError } from '../errors.ts'
import type { NodeApi, NodeCall } from '../node-api.ts'
import { ErrorSchema, NodeEventSchema } from '../schema.ts'
import { PendingCalls } from './pending-calls.ts'
import { parseJson, readLines } from './reader.ts'

const AnswerSchema = z.union([
  z.object({ id: z.int(), change: z.looseObject({}) }),
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int().nullable(), ok: z.literal(false), error: ErrorSchema }),
])

export interface LinesClientOptions {
  /** Told of lines that are neither an answer nor an event: a warning that a library printed. Default: dropped. */
  onStray?: (line: string) => void
}

/** A node at the far end of two streams. Disposing of it gives up pending calls; the streams stay their owner's. */
export interface LinesClient extends NodeApi, AsyncDisposable {
  /** Resolves when the node's output has ended or the client was disposed of. */
  readonly closed: Promise<void>
}

/**
 * Speaks to the lines face of a node (`lines.ts`) and is a `NodeApi` itself. Errors come back as `KadlabError`s with
 * the name that they had there. When the streams end, pending and later calls reject with `DisconnectedError`, and
 * event readers end.
 *
 * @param output The node's output, from which answers and events are read.
 * @param input The node's input, to which requests are written.
 */
export function createLinesClient(
  output: Readable,
  input: Writable,
  options: LinesClientOptions = {},
): LinesClient {
  const pending = new PendingCalls<Asked, unknown>()
  // Events come stamped by the node: the log only holds and hands them on.
  const log = new EventLog({ elapsedMs: () => 0 })
  const closed = Promise.withResolvers<void>()

  const disconnect = (why: string, cause: Error | null): void => {
    pending.end(new DisconnectedError(why, cause === null ? {} : { cause }))
    log.end()
    closed.resolve()
  }

  const settle = (answer: z.output<typeof AnswerSchema>): void => {
    const call = answer.id === null ? undefined : pending.get(answer.id)
    if (call === undefined) return
    const { note, resolve, reject } = call
    if ('change' in answer) {
      const change = WATCH.change.safeDecode(answer.change as z.input<typeof WATCH.change>)
      if (change.success) note.onChange(change.data)
      else reject(notAnAnswer(change.error))
    } else if (answer.ok) {
      const result = z.safeDecode(note.result, answer.result)
      if (result.success) resolve(result.data)
      else reject(notAnAnswer(result.error))
    } else reject(fromWireError(answer.error))
  }

  const stopReading = readLines(output, {
    onLine: (line) => {
      const parsed = parseJson(line)
      // Each event's own fields are its node's promise; its kind and stamp are what this side relies on.
      if (isEvent(parsed)) log.take(parsed)
      else {
        const answer = AnswerSchema.safeParse(parsed)
        if (answer.success) settle(answer.data)
        else options.onStray?.(line)
      }
    },
    onTooLong: () => options.onStray?.('(a line above the limit)'),
    onEnd: (error) => disconnect('the output of the node ended before it answered', error),
  })
  input.on('error', (error: Error) => disconnect('the input of the node is closed', error))

  const send = (line: object): void => {
    if (input.writable) input.write(`${JSON.stringify(line)}\n`)
  }

  const cancel = (id: number): void => send({ id, cancel: true })

  const call = async <Call extends NodeCall>(
    name: Call,
    args: ArgumentsOf<Call>,
    callOptions: AbortOptions = {},
  ): Promise<ResultOf<Call>> => {
    const face: CallFace<z.ZodType, z.ZodType> = CALLS[name]
    const ask = (id: number): void => send({ id, call: name, args: z.encode(face.args, args) })
    const asked = { result: face.result, onChange: () => {} }
    return (await pending.make(asked, ask, callOptions, cancel)) as ResultOf<Call>
  }

  /** Ends where the signal aborts or the node goes, as every face's watch does. */
  const watch = async (
    key: string,
    { signal, ...from }: WatchOptions,
    onChange: (change: KeyChange) => void,
  ): Promise<void> => {
    const ask = (id: number): void => send({ id, call: 'watch', args: { key, ...from } })
    try {
      await pending.make({ result: z.null(), onChange }, ask, { signal }, cancel)
    } catch (error) {
      if (signal?.aborted !== true && !(error instanceof DisconnectedError)) throw error
    }
  }

  const client: LinesClient = {
    closed: closed.promise,
    status: (callOptions) => call('status', {}, callOptions),
    peers: (callOptions) => call('peers', {}, callOptions),
    discovery: ({ signal, ...args } = {}) => call('discovery', args, { signal }),
    put: (key, value, { signal, ...args } = {}) => call('put', { key, value, ...args }, { signal }),
    get: (key, { signal, ...args } = {}) => call('get', { key, ...args }, { signal }),
    list: ({ signal, ...args } = {}) => call('list', args, { signal }),
    delete: (key, { signal, ...args } = {}) => call('delete', { key, ...args }, { signal }),
    watch: (key, options = {}) => streamOf((from, onChange) => watch(key, from, onChange), options),
    provide: (key, callOptions) => call('provide', { key }, callOptions),
    providers: (key, callOptions) => call('providers', { key }, callOptions),
    dial: (address, callOptions) => call('dial', { address }, callOptions),
    ping: (peerId, callOptions) => call('ping', { peerId }, callOptions),
    events: (eventsOptions) => log.events(eventsOptions),
    [Symbol.asyncDispose]: () => {
      stopReading()
      disconnect('the client was disposed of', null)
      return Promise.resolve()
    },
  }
  return client
}

/** Of a call that was made, what its answer is held to. */
interface Asked {
  readonly result: z.ZodType
  /** Told of each change that comes before the answer. */
  readonly onChange: (change: KeyChange) => void
}

/** What a watch tells, to be read one after the other; who stops reading ends it. */
async function* streamOf(
  watch: (options: WatchOptions, onChange: (change: KeyChange) => void) => Promise<void>,
  { signal, ...from }: WatchOptions,
): AsyncGenerator<KeyChange, void, void> {
  const left = new AbortController()
  const options = { ...from, signal: eitherSignal(signal, left.signal) }
  const run = async (to: ReadableStreamDefaultController<KeyChange>): Promise<void> => {
    try {
      await watch(options, (change) => to.enqueue(change))
      // Who has stopped reading has closed it.
      if (!left.signal.aborted) to.close()
    } catch (error) {
      to.error(error)
    }
  }
  const changes = new ReadableStream<KeyChange>({
    start: (to) => void run(to),
    cancel: () => left.abort(),
  })
  yield* changes
}

function notAnAnswer(error: z.ZodError): BadRequestError {
  return new BadRequestError(`not an answer to this call: ${error.message}`)
}

function isEvent(parsed: unknown): parsed is NodeEvent {
  const claims = typeof parsed === 'object' && parsed !== null && 'event' in parsed
  return claims && NodeEventSchema.safeParse(parsed).success
}
