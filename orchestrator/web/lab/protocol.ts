import type { ExtendedScenario } from './words-at.ts'

/** What the lab's page and its server say to each other, as JSON. */

/** What a page begins with. */
export interface LabStart {
  scenarios: ExtendedScenario[]
  /** Where a scenario may run. */
  fabrics: { name: string; doc: string; simulatesTime: boolean }[]
  /** A scenario with comments, to begin with. */
  starter: string
  /** The JSON schema of scenarios. */
  schema: unknown
  /** The variables of a node, and what each is for. */
  variables: Record<string, string>
}

/** A text that is held against what a scenario must be. */
export interface CheckRequest {
  text: string
  fabric: string
}

/** Something wrong in a text; lines and columns count from 1. */
export interface LabFault {
  line: number
  column: number
  message: string
}

/** No fault: it can run. */
export interface CheckAnswer {
  faults: LabFault[]
}

export interface RunRequest extends CheckRequest {
  /** Whole number from 0. */
  seed: number
  /** Whether simulated time passes as slowly as real time. */
  realTime: boolean
}

/** The newest run. */
export interface LabRun {
  scenario: string
  fabric: string
  /** Where its page is, for as long as no other run begins. */
  url: string
  state: 'running' | 'stopping' | 'ended'
  /** The command's exit status; null while it runs, or where it was killed. */
  status: number | null
  /** What the command said beside its events. */
  said: string
}

/** How things stand; each change has a number of its own, and they count up. */
export interface LabState {
  change: number
  run: LabRun | null
}

/** Why a request was refused. */
export interface LabProblem {
  error: string
  /** Where the text is no scenario that can run. */
  faults?: LabFault[]
}
