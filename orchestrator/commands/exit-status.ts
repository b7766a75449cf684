import { describeError, firstFailure } from '#node/base/errors.ts'

/** What a command's exit status says. */
export const EXIT = {
  /** Expectations held. */
  held: 0,
  /** Expectations did not hold. */
  failed: 1,
  /** The command line or the scenario file is wrong. */
  usage: 2,
  /** The fabric could not run it, or the machine was too slow to judge. */
  fabric: 3,
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

const USAGE_ERRORS = new Set(['UsageError', 'ScenarioError', 'PlanError', 'ReportPlaceError'])

/** The exit status of a command that ended with an error. */
export function exitStatusOf(error: unknown): ExitStatus {
  const first = firstFailure(error)
  const name = first instanceof Error ? first.name : ''
  if (name === 'InterruptedError') return EXIT.interrupted
  return USAGE_ERRORS.has(name) ? EXIT.usage : EXIT.fabric
}

/**
 * What ended a command without a verdict, with the status that it ends with.
 *
 * @param interrupted - what aborts it: then whatever gave up first is not the reason
 */
export function failureOf(
  error: unknown,
  interrupted: AbortSignal,
): { error: { name: string; message: string }; exitCode: ExitStatus } {
  const reason: unknown = interrupted.aborted ? interrupted.reason : error
  const first = firstFailure(reason)
  const name = first instanceof Error ? first.name : 'Error'
  return { error: { name, message: describeError(reason) }, exitCode: exitStatusOf(reason) }
}
