import type { Cause, DialErrorKind, Evidence, Remedy } from '../judgement/causes.ts'
import type { Rung } from '../judgement/ladder.ts'

/** What every event of a node carries. */
export interface EventStamp {
  /** Counts up from 1 for each process. */
  seq: number
  /** Milliseconds since the process, or the sim node, started. */
  ms: number
}

/**
 * Everything that a node tells unasked. Peers are peer ids, addresses multiaddrs.
 * Peers of other implementations tell a subset, in the same words.
 */
export type NodeEventBody =
  | { event: 'start'; peer: string; agent: string }
  | { event: 'listening'; address: string }
  | { event: 'announcing'; addresses: string[] }
  | { event: 'mode'; mode: 'client' | 'server' }
  | { event: 'ready' }
  | { event: 'connected'; peer: string; direction: 'inbound' | 'outbound'; address: string }
  | { event: 'closed'; peer: string }
  | {
      event: 'identified'
      peer: string
      agent: string | null
      addresses: string[]
      protocols: string[]
      observed: string | null
    }
  | { event: 'identify-failed'; peer: string; error: string }
  | {
      event: 'dial-failed'
      peer: string | null
      address: string
      kind: DialErrorKind
      error: string
    }
  | { event: 'denied'; address: string; error: string }
  | { event: 'listed'; peer: string; addresses: string[] }
  | { event: 'unlisted'; peer: string; why: string }
  | {
      event: 'dialled-back'
      peer: string
      address: string
      ok: boolean
      kind: DialErrorKind | null
    }
  | {
      event: 'sighting'
      peer: string
      rung: Rung
      cause: Cause | null
      evidence: Evidence | null
      remedy: Remedy | null
    }
  | { event: 'stored'; key: string; from: string | null }
  | { event: 'late'; lateMs: number }
  | { event: 'stopping'; why: string }

export type NodeEvent = NodeEventBody & EventStamp
