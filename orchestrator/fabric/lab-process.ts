import type { Readable, Writable } from 'node:stream'
import type { ProcessDiedError } from './errors.ts'

/** How many log lines an error about a dead process shows. */
export const LAST_LINES = 15

/** How a process of a lab ended. */
export interface ProcessExit {
  /** Null where nobody can tell. */
  exitCode: number | null
}

/** A process of a lab, whose standard streams this process holds. */
export interface LabProcess {
  /** Name in the plan. */
  readonly title: string
  readonly output: Readable
  readonly input: Writable
  /** Resolves when it has ended, or is gone. Never rejects. */
  readonly exit: Promise<ProcessExit>
  /** Every line of its standard error so far. */
  logLines(): readonly string[]
  /** The error that says how it ended. */
  died(exit: ProcessExit): ProcessDiedError
  /** Ends it as an operator would (SIGTERM, and SIGKILL after 5 s), and removes what it leaves. */
  stop(): Promise<void>
  /** Stops it where it is, with all that it holds open. Twice is fine. */
  pause(): Promise<void>
  /** Lets it go on. Twice is fine. */
  resume(): Promise<void>
  /** Ends and removes it at once. Twice does no harm. */
  remove(): Promise<void>
  /** Lets go of the streams and leaves it as it is. */
  detach(): void
  /** Keeps the streams, which no longer keep this process from ending. */
  unref(): void
}
