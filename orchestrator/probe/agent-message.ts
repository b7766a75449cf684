import type { Endpoint } from './probe-agent.ts'

/** What agents say to one another: one line of text, in a datagram or a stream. */
export type AgentMessage =
  | { kind: 'hello'; nonce: string }
  | { kind: 'seen'; nonce: string; from: Endpoint }

/** A question: from where do you see me? */
export function writeHello(nonce: string): string {
  return `hello ${nonce}\n`
}

/** Its answer. */
export function writeSeen(nonce: string, from: Endpoint): string {
  return `seen ${nonce} ${from.address} ${from.port}\n`
}

/** Null for whatever no agent would say. */
export function parseMessage(text: string): AgentMessage | null {
  const [kind, nonce, address, port, ...rest] = text.trim().split(' ')
  if (nonce === undefined || rest.length > 0) return null
  if (kind === 'hello' && address === undefined) return { kind, nonce }
  if (kind !== 'seen' || address === undefined || !/^\d{1,5}$/.test(port ?? '')) return null
  return { kind, nonce, from: { address, port: Number(port) } }
}
