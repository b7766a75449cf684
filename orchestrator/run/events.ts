import type { RemedyAction } from '#node/judgement/causes.ts'
import type { Cell } from '#node/view/cell.ts'
import type { Pair } from '#orchestrator/cure/pairs.ts'
import type { FabricEvent } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import type { PlannedStep } from '../words/step.ts'

/** Milliseconds since the run began, in the run's own time: in simulated time where that runs. */
export interface RunStamp {
  atMs: number
}

/** Everything that a run reports. Terminal, NDJSON log, JSON report and JUnit consume this stream, nothing else. */
export type RunEvent = RunEventBody & RunStamp

export type RunEventBody =
  | {
      type: 'run-start'
      scenario: string
      title: string
      /** More of the same, where the scenario says more. */
      about?: string
      /** The scenario that it is a change of. */
      extends?: string
      fabric: FabricName
      fabricDetail: string
      seed: number
      /** Whose time the times of all events are. */
      time: 'real' | 'simulated'
      /** In simulated time, always the same. */
      startedAt: string
      versions: Record<string, string>
    }
  | { type: 'plan'; plan: Plan }
  | { type: 'network-up'; durationMs: number }
  | { type: 'nat-proof'; proof: NatProof }
  | { type: 'variant-start'; variant: string; title: string }
  | { type: 'node-up'; variant: string; node: NodePlan; startMs: number }
  | { type: 'step'; variant: string; step: PlannedStep }
  | { type: 'expectation'; variant: string; result: ExpectationResult }
  | { type: 'tables'; variant: string; recall: number; dead: number; contacts: number }
  | { type: 'cells'; variant: string; cells: Cell[] }
  | {
      type: 'variant-end'
      variant: string
      holds: boolean
      /** Multiaddrs that each node announces; null: it did not answer. A node that does not run is left out. */
      announced: Record<string, string[] | null>
      timings: Timings
    }
  /** What is done to a variant before it runs again under another name. */
  | { type: 'cure-round'; variant: string; name: string; actions: RemedyAction[] }
  /** What that came to. */
  | { type: 'cured'; variant: string; name: string; cured: Pair[]; worse: Pair[]; left: Pair[] }
  | { type: 'cure-end'; variant: string; red: number; left: UncuredPair[] }
  | { type: 'router-state'; router: string; files: Record<string, string> }
  /** The lab stays up: how to look into it and how to end it. */
  | { type: 'kept'; text: string }
  | { type: 'run-end'; holds: boolean; durationMs: number }
  | { type: 'run-failed'; error: { name: string; message: string }; exitCode: number }
  | (FabricEvent & { variant: string | null })

/** What a result is about: fields that a report can be searched by, where its sentence is for people. */
export interface ResultSubject {
  /** The word of the scenario language: an expectation's, or that of a step which must succeed (put, provide). */
  word: string
  /** The node that looks or acts; null where none does. */
  observer: string | null
  target: string | null
  key: string | null
  /** The cause that must be named; null where none is. */
  cause: string | null
}

export interface ExpectationResult extends ResultSubject {
  /** The expectation, or the step, as a sentence. */
  text: string
  holds: boolean
  expected: string
  seen: string
  /** When it came true, or was given up, since its step began. */
  afterMs: number
}

/** A pair that is red after the last round. */
export interface UncuredPair extends Pair {
  cause: string
  /** Why nothing cures it; null where a remedy was expected to. */
  why: string | null
}

/** Milliseconds each; null where it did not happen. */
export interface Timings {
  networkMs: number
  /** From the first node's start until all listen. */
  startMs: number
  /** From all listening until each pair that connects is connected. */
  connectedMs: number | null
  /** From all listening until the last listing. */
  listedMs: number | null
}
