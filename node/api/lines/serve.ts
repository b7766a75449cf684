import type { Readable, Writable } from 'node:stream'
import type { NodeApi } from '../node-api.ts'
import { readLines } from './reader.ts'
import type { LineRequests } from './requests.ts'

/**
 * The lines face: a node's API as JSON lines over two streams, in practice standard input and output.
 *
 *     → {"id":1,"call":"put","args":{"key":"x","value":"aGVsbG8="}}
 *     ← {"id":1,"ok":true,"result":{"copies":1}}
 *     → {"id":2,"call":"get","args":{"key":""}}
 *     ← {"id":2,"ok":false,"error":{"name":"InvalidKeyError","message":"a key has …"}}
 *     → {"id":3,"cancel":true}                    gives up call 3, which then answers AbortError
 *     ← {"event":"listed","seq":7,"ms":214,…}     unasked, in order with the answers
 *     → {"id":4,"call":"watch","args":{"key":"x"}}
 *     ← {"id":4,"change":{"key":"x","value":"aGVsbG8=",…}}    and more, until it is cancelled
 *     ← {"id":4,"ok":true,"result":null}
 *
 * Bytes are base64. A line that is no request is answered with `BadRequestError` (id null where it has none) and does
 * no harm.
 */

export interface LinesFace extends AsyncDisposable {
  /** Gives up the calls under way and stops reading and writing. The streams themselves stay as they are. */
  stop(): Promise<void>
}

export interface LinesOptions {
  input: Readable
  output: Writable
}

/**
 * Serves `api` on two streams, all of its held events first. The end of the input stops nothing: events and answers
 * under way still come, and the node stays up (Compose and systemd attach no input at all). The end of the output stops
 * the face, and nothing but the face.
 */
export function serveLines(api: NodeApi, { input, output }: LinesOptions): LinesFace {
  const stopped = new AbortController()
  let requests: Promise<LineRequests> | null = null

  // Lines of one turn of the event loop go out together: each write of its own is a system call. Events go a turn later than
  // answers: what the node has to send to others, for which a peer may be waiting, goes before them.
  let corked = false
  let isSoon = false
  const release = (): void => {
    if (!corked) return
    corked = false
    isSoon = false
    output.uncork()
  }
  const put = (line: object): boolean => {
    if (stopped.signal.aborted || output.destroyed) return true
    if (!corked) output.cork()
    corked = true
    return output.write(`${JSON.stringify(line)}\n`)
  }
  const write = (line: object): boolean => {
    const isRead = put(line)
    if (corked && !isSoon) {
      isSoon = true
      setImmediate(release)
    }
    return isRead
  }
  const writeEvent = (event: object): boolean => {
    const isFirst = !corked
    const isRead = put(event)
    if (corked && isFirst) setImmediate(() => setImmediate(release))
    return isRead
  }

  const drained = async (): Promise<void> => drain(output, stopped.signal)

  // What requests mean is loaded with the first one: events, the first of them `listening`, need not wait for it.
  const load = async (): Promise<LineRequests> => {
    const { createLineRequests } = await import('./requests.ts')
    return createLineRequests(api, { write, drained })
  }
  const hand = async (take: (to: LineRequests) => void): Promise<void> => {
    const to = await (requests ??= load())
    if (!stopped.signal.aborted) take(to)
  }

  const stopReading = readLines(input, {
    onLine: (line) => void hand((to) => to.take(line)),
    onTooLong: () => void hand((to) => to.refuse('the line is too long')),
    onEnd: () => {},
  })
  const eventsDone = writeEvents(api, { write: writeEvent, drained }, stopped.signal)

  const stop = async (): Promise<void> => {
    stopReading()
    stopped.abort()
    const asked = await requests
    asked?.stop()
    await eventsDone
    release()
  }
  // Who listened has gone, and whoever asked hears no answer. The node goes on: it has others to serve.
  const leave = (): void => void stop()
  output.on('error', leave).on('close', leave)
  return { stop, [Symbol.asyncDispose]: stop }
}

/** Where lines go. */
export interface LinesOutput {
  /** False where the reader has fallen behind. */
  write(line: object): boolean
  /** Resolves once the reader has caught up, or nobody reads any more. */
  drained(): Promise<void>
}

/** Writes events no faster than they are read: a reader that stalls falls behind in the node's ring. */
async function writeEvents(api: NodeApi, output: LinesOutput, signal: AbortSignal): Promise<void> {
  for await (const event of api.events({ since: 0, signal })) {
    if (!output.write(event)) await output.drained()
  }
}

async function drain(output: Writable, signal: AbortSignal): Promise<void> {
  if (!output.writableNeedDrain || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const leave = (): void => resolve()
  output.once('drain', leave).once('close', leave)
  signal.addEventListener('abort', leave, { once: true })
  await promise
  output.off('drain', leave).off('close', leave)
  signal.removeEventListener('abort', leave)
}
