import type { Readable, Writable } from 'node:stream'
import { DisconnectedError, fromWireError } from '#node/api/errors.ts'
import { PendingCalls } from '#node/api/lines/pending-calls.ts'
import { readLines } from '#node/api/lines/reader.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { AgentAnswer, AgentRequest } from './agent-lines.ts'
import type { PacketCounts } from './packet-counts.ts'
import type { Endpoint, ProbeAgent } from './probe-agent.ts'

type Request = AgentRequest extends infer Each
  ? Each extends AgentRequest
    ? Omit<Each, 'id'>
    : never
  : never

/** An agent, and how many packets its machine saw. */
export interface AgentClient extends ProbeAgent, AsyncDisposable {
  counts(options?: AbortOptions): Promise<PacketCounts>
}

/**
 * Speaks to an agent at the far end of two streams (`agent-lines.ts`). Requests may be written before the agent is up.
 * When the output ends, pending and later calls reject with `DisconnectedError`. An aborted call is given up here; the agent
 * itself is bounded by the call's `timeoutMs`.
 */
export function createAgentClient(output: Readable, input: Writable): AgentClient {
  const pending = new PendingCalls<null, unknown>()

  const disconnect = (why: string, cause?: Error | null): void => {
    pending.end(new DisconnectedError(why, cause ? { cause } : {}))
  }
  const stopReading = readLines(output, {
    onLine: (line) => {
      const answer = parseAnswer(line)
      const call = answer === null ? undefined : pending.get(answer.id)
      if (answer === null || call === undefined) return
      if (answer.ok) call.resolve(answer.result)
      else call.reject(fromWireError(answer.error))
    },
    onTooLong: () => {},
    onEnd: (error) => disconnect("the probe's agent ended before it answered", error),
  })
  input.on('error', (error: Error) => disconnect("the probe's agent reads no more", error))

  const call = (request: Request, options?: AbortOptions): Promise<unknown> =>
    pending.make(
      null,
      (id) => {
        if (input.writable) input.write(`${JSON.stringify({ id, ...request })}\n`)
      },
      options,
    )

  return {
    reflect: async (ports, options) => {
      await call({ call: 'reflect', args: { ports } }, options)
    },
    open: async (args, options) =>
      (await call({ call: 'open', args }, options)) as (Endpoint | null)[],
    knock: async (args, options) =>
      (await call({ call: 'knock', args }, options)) as Endpoint | null,
    reset: async (options) => {
      await call({ call: 'reset', args: {} }, options)
    },
    counts: async (options) => (await call({ call: 'counts', args: {} }, options)) as PacketCounts,
    [Symbol.asyncDispose]: () => {
      stopReading()
      disconnect("the probe's client was disposed of")
      return Promise.resolve()
    },
  }
}

/** Null for a line that is no answer: a warning that the runtime printed. */
function parseAnswer(line: string): AgentAnswer | null {
  try {
    const parsed: unknown = JSON.parse(line)
    const isAnswer =
      typeof parsed === 'object' && parsed !== null && 'id' in parsed && 'ok' in parsed
    return isAnswer ? (parsed as AgentAnswer) : null
  } catch {
    return null
  }
}
