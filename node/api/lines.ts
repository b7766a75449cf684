import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { CALLS, type CallFace } from './calls.ts'
import { BadRequestError, toWireError } from './errors.ts'
import { readLines } from './line-reader.ts'
import type { NodeApi, NodeCall } from './node-api.ts'

/**
 * The lines face: a node's API as JSON lines over two streams, in practice standard input and output.
 *
 *     → {"id":1,"call":"put","args":{"key":"x","value":"aGVsbG8="}}
 *     ← {"id":1,"ok":true,"result":{"copies":1}}
 *     → {"id":2,"call":"get","args":{"key":""}}
 *     ← {"id":2,"ok":false,"error":{"name":"InvalidKeyError","message":"a key has …"}}
 *     → {"id":3,"cancel":true}                    gives up call 3, which then answers AbortError
 *     ← {"event":"listed","seq":7,"ms":214,…}     unasked, in order with the answers
 *
 * Bytes are base64. A line that is no request is answered with `BadRequestError` (id null where it has none) and does
 * no harm.
 */

const RequestSchema = z.union([
  z.strictObject({
    id: z.union([z.int(), z.string()]),
    call: z.enum(Object.keys(CALLS) as [NodeCall, ...NodeCall[]]),
    args: z.record(z.string(), z.unknown()).default({}),
  }),
  z.strictObject({ id: z.union([z.int(), z.string()]), cancel: z.literal(true) }),
])

type RequestId = number | string

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
 * under way still come, and the node stays up (Compose and systemd attach no input at all).
 */
export function serveLines(api: NodeApi, { input, output }: LinesOptions): LinesFace {
  const running = new Map<RequestId, AbortController>()
  const stopped = new AbortController()

  const write = (line: object): boolean =>
    stopped.signal.aborted || output.destroyed || output.write(`${JSON.stringify(line)}\n`)

  const answer = async (id: RequestId, call: NodeCall, args: unknown): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      const result = await runCall(CALLS[call], api, args, controller.signal)
      write({ id, ok: true, result })
    } catch (error) {
      write({ id, ok: false, error: toWireError(error) })
    } finally {
      running.delete(id)
    }
  }

  const refuse = (id: RequestId | null, why: string): void => {
    write({ id, ok: false, error: toWireError(new BadRequestError(why)) })
  }

  const onLine = (line: string): void => {
    const parsed = parseJson(line)
    const request = RequestSchema.safeParse(parsed)
    if (!request.success) {
      const why = parsed === undefined ? 'the line is not JSON' : z.prettifyError(request.error)
      refuse(idOf(parsed), `expected {id, call, args} or {id, cancel: true}: ${why}`)
      return
    }
    const { id } = request.data
    if ('cancel' in request.data) running.get(id)?.abort()
    else if (running.has(id)) refuse(id, `id ${id} is taken by a call that is under way`)
    else void answer(id, request.data.call, request.data.args)
  }

  const stopReading = readLines(input, {
    onLine,
    onTooLong: () => refuse(null, 'the line is too long'),
    onEnd: () => {},
  })
  // Who listened has gone: the node has others to serve.
  const stopWriting = (): void => stopped.abort()
  output.on('error', stopWriting)

  const eventsDone = writeEvents(api, output, write, stopped.signal)

  const stop = async (): Promise<void> => {
    stopReading()
    for (const controller of running.values()) controller.abort()
    stopped.abort()
    await eventsDone
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

/** Makes a call from data: the arguments are decoded before, the result is encoded after. */
async function runCall(
  face: CallFace<z.ZodType, z.ZodType>,
  api: NodeApi,
  args: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const decoded = z.safeDecode(face.args, args)
  if (!decoded.success) throw new BadRequestError(z.prettifyError(decoded.error))
  return z.encode(face.result, await face.run(api, decoded.data, { signal }))
}

/** Writes events no faster than they are read: a reader that stalls falls behind in the node's ring. */
async function writeEvents(
  api: NodeApi,
  output: Writable,
  write: (line: object) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of api.events({ since: 0, signal })) {
    if (write(event)) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    output.once('drain', resolve).once('close', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    output.off('drain', resolve).off('close', resolve)
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function idOf(parsed: unknown): RequestId | null {
  const shaped = z.looseObject({ id: z.union([z.int(), z.string()]) }).safeParse(parsed)
  return shaped.success ? shaped.data.id : null
}
