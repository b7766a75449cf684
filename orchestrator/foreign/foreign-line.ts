import { z } from 'zod'

const addresses = z.array(z.string())
const peer = z.string()
const stamp = { ms: z.number() }

/**
 * What the peers of other implementations say unasked (`orchestrator/foreign/`): kadlab's events in kadlab's words, and what is
 * theirs alone.
 */
const EVENT = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    peer,
    agent: z.string(),
    mode: z.enum(['client', 'server']).nullable(),
    protocol: z.string(),
    ...stamp,
  }),
  z.object({ event: z.literal('listening'), address: z.string(), ...stamp }),
  z.object({ event: z.literal('announcing'), addresses, ...stamp }),
  z.object({ event: z.literal('mode'), mode: z.enum(['client', 'server']), ...stamp }),
  z.object({
    event: z.literal('connected'),
    peer,
    direction: z.enum(['inbound', 'outbound']),
    address: z.string(),
    ...stamp,
  }),
  z.object({ event: z.literal('closed'), peer, ...stamp }),
  z.object({
    event: z.literal('identified'),
    peer,
    agent: z.string().nullable(),
    addresses,
    observed: z.string().nullable(),
    protocols: z.array(z.string()),
    ...stamp,
  }),
  z.object({ event: z.literal('identify-failed'), peer, error: z.string(), ...stamp }),
  z.object({
    event: z.literal('dial-failed'),
    peer: peer.nullable(),
    error: z.string(),
    ...stamp,
  }),
  z.object({ event: z.literal('listed'), peer, addresses, ...stamp }),
  z.object({ event: z.literal('unlisted'), peer, ...stamp }),
  /** Not listed: so many peers of the group of its address are (`sharedBits`: of those whose ids begin alike). */
  z.object({
    event: z.literal('group-full'),
    peer,
    network: z.string(),
    limit: z.number(),
    sharedBits: z.number().optional(),
    ...stamp,
  }),
  /** Not listed: it did not answer the question that go-libp2p asks of newcomers. */
  z.object({ event: z.literal('probe-failed'), peer, error: z.string(), ...stamp }),
  /** rust-libp2p's `Event::UnroutablePeer`: a peer that speaks Kademlia and of whom no address is known. */
  z.object({ event: z.literal('unroutable-peer'), peer, ...stamp }),
  /** rust-libp2p's `NewExternalAddrCandidate`. */
  z.object({ event: z.literal('external-candidate'), address: z.string(), ...stamp }),
])

export type ForeignEvent = z.infer<typeof EVENT>

const ANSWER = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('get'),
    base64: z.string().optional(),
    from: peer.nullish(),
  }),
  z.object({ event: z.literal('get-done') }),
  z.object({ event: z.literal('put') }),
  z.object({ event: z.literal('providers'), providers: z.array(peer).optional() }),
  z.object({ event: z.literal('providers-done') }),
  z.object({ event: z.literal('provide') }),
  z.object({ event: z.literal('dial'), address: z.string() }),
  z.object({
    event: z.literal('peers'),
    peers: z.array(z.object({ peer, addresses })).optional(),
  }),
  z.object({ event: z.literal('error') }),
])

/** One line of an answer; a query may answer in several. */
export type ForeignAnswer = z.infer<typeof ANSWER> & {
  tag: string
  ok: boolean | null
  error: string | null
}

export type ForeignLine =
  | { kind: 'event'; event: ForeignEvent }
  | { kind: 'answer'; answer: ForeignAnswer }
  | { kind: 'stray'; line: string }

/** Reads one line of a foreign peer's output. What is neither event nor answer is `stray`. */
export function readForeignLine(line: string): ForeignLine {
  const stray = { kind: 'stray', line } as const
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return stray
  }
  const tagged = z
    .object({ tag: z.string(), ok: z.boolean().optional(), error: z.string().optional() })
    .safeParse(parsed)
  if (tagged.success) {
    const answer = ANSWER.safeParse(parsed)
    const { tag, ok, error } = tagged.data
    return answer.success
      ? { kind: 'answer', answer: { ...answer.data, tag, ok: ok ?? null, error: error ?? null } }
      : stray
  }
  const event = EVENT.safeParse(parsed)
  return event.success ? { kind: 'event', event: event.data } : stray
}
