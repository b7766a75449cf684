import type { Cell } from '#node/view/cell.ts'
import type { FabricEvent } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import type { PlannedExpectation } from '../words/expectation.ts'
import type { Step } from '../words/steps/steps.ts'

/** Milliseconds since the run began. */
export interface RunStamp {
  atMs: number
}

/** Everything that a run tells. Terminal, NDJSON log, JSON report and JUnit consume this stream, nothing else. */
export type RunEvent = RunEventBody & RunStamp

export type RunEventBody =
  | {
      type: 'run-start'
      scenario: string
      title: string
      fabric: FabricName
      fabricDetail: string
      seed: number
      startedAt: string
      versions: Record<string, string>
    }
  | { type: 'plan'; plan: Plan }
  | { type: 'network-up'; durationMs: number }
  | { type: 'nat-proof'; proof: NatProof }
  | { type: 'variant-start'; variant: string; title: string }
  | { type: 'node-up'; variant: string; node: NodePlan; startMs: number }
  | { type: 'step'; variant: string; step: Step }
  | { type: 'expectation'; variant: string; result: ExpectationResult }
  | { type: 'cells'; variant: string; cells: Cell[] }
  | {
      type: 'variant-end'
      variant: string
      holds: boolean
      announced: Record<string, string[]>
      timings: Timings
    }
  | { type: 'router-state'; router: string; files: Record<string, string> }
  /** The lab stays up: how to look into it and how to end it. */
  | { type: 'kept'; text: string }
  | { type: 'run-end'; holds: boolean; durationMs: number }
  | { type: 'run-failed'; error: { name: string; message: string }; exitCode: number }
  | (FabricEvent & { variant: string | null })

export interface ExpectationResult {
  /** Null for a step that must succeed (put, provide). */
  expectation: PlannedExpectation | null
  /** The expectation, or the step, as a sentence. */
  text: string
  holds: boolean
  expected: string
  seen: string
  /** When it came true, or was given up, since its step began. */
  afterMs: number
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
