import type { Cell } from '#node/view/cell.ts'
import type { NodePlan, Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { ExpectationResult, RunEvent, Timings } from '#orchestrator/run/events.ts'
import type { PlannedStep } from '#orchestrator/words/step.ts'

/**
 * A run at a moment: what its events up to then amount to. A value that is never changed: each event makes a new one,
 * which shares what stayed the same.
 */
export interface RunPicture {
  /** How the run introduced itself; null before. */
  start: Extract<RunEvent, { type: 'run-start' }> | null
  state: RunState
  /** Of the last event. */
  atMs: number
  /** The newest plan; null before the first. */
  plan: Plan | null
  proofs: readonly NatProof[]
  /** In the order in which they began. */
  variants: readonly VariantPicture[]
  /** What the fabric is doing, where it says so. */
  progress: string | null
  failure: { name: string; message: string } | null
  /** How to look into a lab that stays up, and how to end it. */
  kept: string | null
}

/** `held` and `fallen` are verdicts; a run that `failed` came to none. */
export type RunState = 'waiting' | 'running' | 'held' | 'fallen' | 'failed'

export interface VariantPicture {
  name: string
  title: string
  /** What it runs on. */
  plan: Plan
  variant: VariantPlan
  nodes: readonly NodePicture[]
  /** Steps that began, each with the results that came since. */
  steps: readonly StepPicture[]
  /** By `pairKey`. A pair of which nothing was said is not in it. */
  cells: Readonly<Record<string, Cell>>
  /** The lab was asked for the last time: what nodes say from then on is of their end, which nobody judges. */
  decided: boolean
  /** How good the routing tables are at this moment, each a share; null before anybody listed anybody. */
  tables: { recall: number; dead: number } | null
  /** Null until its end. */
  holds: boolean | null
  startedAtMs: number
  endedAtMs: number | null
  timings: Timings | null
}

export interface StepPicture {
  step: PlannedStep
  atMs: number
  results: readonly ExpectationResult[]
}

/** `planned` was not started yet; `ended` ended by itself, which nobody asked it to. */
export type NodeState = 'planned' | 'starting' | 'up' | 'stopped' | 'ended'

export interface NodePicture {
  plan: NodePlan
  state: NodeState
  ready: boolean
  agent: string | null
  mode: 'client' | 'server' | null
  listening: readonly string[]
  announcing: readonly string[]
  /** The addresses at which others say that they see it, each once. */
  observed: readonly string[]
  /** What is known of each peer that it spoke of, by peer id. */
  peers: Readonly<Record<string, PeerPicture>>
  stored: number
}

/** Another peer as a node sees it. */
export interface PeerPicture {
  /** The other end of the open connection; null where none is open. */
  connection: { direction: 'inbound' | 'outbound'; address: string } | null
  /** Addresses under which it is listed; null where it is not. */
  listed: readonly string[] | null
  agent: string | null
  announces: readonly string[]
  /** Addresses that were dialled: null where it worked, else why not. */
  dialled: Readonly<Record<string, string | null>>
}

export const EMPTY_PICTURE: RunPicture = {
  start: null,
  state: 'waiting',
  atMs: 0,
  plan: null,
  proofs: [],
  variants: [],
  progress: null,
  failure: null,
  kept: null,
}

/** The key of a pair in `cells`. */
export function pairKey(observer: string, target: string): string {
  return JSON.stringify([observer, target])
}

/** A node before anything was heard of it. */
export function plannedNode(plan: NodePlan): NodePicture {
  return {
    plan,
    state: 'planned',
    ready: false,
    agent: null,
    mode: null,
    listening: [],
    announcing: [],
    observed: [],
    peers: {},
    stored: 0,
  }
}

/** A peer before anything was heard of it. */
export const STRANGER: PeerPicture = {
  connection: null,
  listed: null,
  agent: null,
  announces: [],
  dialled: {},
}
