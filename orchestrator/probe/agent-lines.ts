import type { Readable, Writable } from 'node:stream'
import { BadRequestError } from '#node/api/errors.ts'
import { readLines } from '#node/api/lines/reader.ts'
import { describeError } from '#node/base/errors.ts'
import type { PacketCounts } from './packet-counts.ts'
import type { KnockRequest, OpenRequest, ProbeAgent } from './probe-agent.ts'

/**
 * What goes over an agent's standard input and output: one JSON object a line, the same shape as a node's lines face.
 *
 *     → {"id":1,"call":"reflect","args":{"ports":[20001,20002]}}
 *     ← {"id":1,"ok":true,"result":null}
 */
export type AgentRequest = { id: number } & (
  | { call: 'reflect'; args: { ports: number[] } }
  | { call: 'open'; args: OpenRequest }
  | { call: 'knock'; args: KnockRequest }
  | { call: 'reset'; args: Record<string, never> }
  | { call: 'counts'; args: Record<string, never> }
)

/** What is served: an agent, and the count of its machine's packets. */
export interface ServedAgent extends ProbeAgent {
  counts(): Promise<PacketCounts>
}

export type AgentAnswer =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; error: { name: string; message: string } }

/**
 * Serves an agent on two streams. Both ends are of one version, so requests are trusted to be well formed.
 *
 * @returns resolves when the input ends.
 */
export async function serveAgentLines(
  agent: ServedAgent,
  { input, output }: { input: Readable; output: Writable },
): Promise<void> {
  const write = (answer: AgentAnswer): void => {
    if (output.writable) output.write(`${JSON.stringify(answer)}\n`)
  }
  const answer = async (request: AgentRequest): Promise<void> => {
    try {
      write({ id: request.id, ok: true, result: (await perform(agent, request)) ?? null })
    } catch (error) {
      const name = error instanceof Error ? error.name : 'Error'
      write({ id: request.id, ok: false, error: { name, message: describeError(error) } })
    }
  }
  await new Promise<void>((resolve) => {
    readLines(input, {
      onLine: (line) => void answer(JSON.parse(line) as AgentRequest),
      onTooLong: () => {},
      onEnd: () => resolve(),
    })
  })
}

function perform(agent: ServedAgent, request: AgentRequest): Promise<unknown> {
  switch (request.call) {
    case 'reflect':
      return agent.reflect(request.args.ports)
    case 'open':
      return agent.open(request.args)
    case 'knock':
      return agent.knock(request.args)
    case 'reset':
      return agent.reset()
    case 'counts':
      return agent.counts()
    default:
      throw new BadRequestError(`expected a call of an agent, saw ${JSON.stringify(request)}`)
  }
}
