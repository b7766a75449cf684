import { z } from 'zod'
import { CALLS, type CallFace, WATCH } from '../calls.ts'
import { BadRequestError, toWireError } from '../errors.ts'
import type { NodeApi, NodeCall } from '../node-api.ts'
import { parseJson } from './reader.ts'
import type { LinesOutput } from './serve.ts'

const IdSchema = z.union([z.int(), z.string()])

const RequestSchema = z.union([
  z.strictObject({
    id: IdSchema,
    call: z.enum(['watch', ...(Object.keys(CALLS) as NodeCall[])]),
    args: z.record(z.string(), z.unknown()).default({}),
  }),
  z.strictObject({ id: IdSchema, cancel: z.literal(true) }),
])

type RequestId = number | string

/** The requests that come to a node as lines. */
export interface LineRequests {
  /** Takes a line: starts the call that it asks for, or gives one up. */
  take(line: string): void
  /** Answers something that is no request at all. */
  refuse(why: string): void
  /** Gives up every call that is under way. */
  stop(): void
}

/**
 * Makes the calls that lines ask for; several at once, each answered when it is done. A watch is answered with each change
 * before that.
 */
export function createLineRequests(api: NodeApi, output: LinesOutput): LineRequests {
  const running = new Map<RequestId, AbortController>()

  const answer = async (id: RequestId, call: NodeCall | 'watch', args: unknown): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    const { signal } = controller
    try {
      const result =
        call === 'watch'
          ? await runWatch(api, args, signal, async (change) => {
              if (!output.write({ id, change })) await output.drained()
            })
          : await runCall(CALLS[call], api, args, signal)
      output.write({ id, ok: true, result })
    } catch (error) {
      output.write({ id, ok: false, error: toWireError(error) })
    } finally {
      running.delete(id)
    }
  }

  const refuse = (id: RequestId | null, why: string): void => {
    output.write({ id, ok: false, error: toWireError(new BadRequestError(why)) })
  }

  return {
    take(line) {
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
    },
    refuse: (why) => refuse(null, why),
    stop() {
      for (const controller of running.values()) controller.abort()
    },
  }
}

/** Makes a call from data: the arguments are decoded before, the result is encoded after. */
async function runCall(
  face: CallFace<z.ZodType, z.ZodType>,
  api: NodeApi,
  args: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  return z.encode(face.result, await face.run(api, argumentsOf(face.args, args), { signal }))
}

/** Tells each change, no faster than they are read: what comes faster is passed over. Ends where the signal aborts. */
async function runWatch(
  api: NodeApi,
  args: unknown,
  signal: AbortSignal,
  tell: (change: unknown) => Promise<void>,
): Promise<null> {
  const { key, ...from } = argumentsOf(WATCH.args, args)
  for await (const change of api.watch(key, { ...from, signal })) {
    await tell(z.encode(WATCH.change, change))
  }
  return null
}

function argumentsOf<Arguments extends z.ZodType>(
  schema: Arguments,
  args: unknown,
): z.output<Arguments> {
  const decoded = z.safeDecode(schema, args as z.input<Arguments>)
  if (!decoded.success) throw new BadRequestError(z.prettifyError(decoded.error))
  return decoded.data
}

function idOf(parsed: unknown): RequestId | null {
  const shaped = z.looseObject({ id: IdSchema }).safeParse(parsed)
  return shaped.success ? shaped.data.id : null
}
