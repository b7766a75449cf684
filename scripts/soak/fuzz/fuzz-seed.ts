import { describeError } from '#node/base/errors.ts'
import { fuzzEnvironment } from './environment.ts'
import type { FuzzOptions, Tally } from './fuzz.ts'
import { fuzzAnswers, fuzzMessages } from './messages.ts'
import { fuzzRecords } from './records.ts'
import { fuzzRequests } from './requests.ts'

/** What strangers give a node, each with what must come of it. */
export const FUZZED: Readonly<Record<string, (options: FuzzOptions) => Promise<Tally> | Tally>> = {
  records: async (options) => fuzzRecords(options),
  messages: fuzzMessages,
  answers: fuzzAnswers,
  requests: fuzzRequests,
  environment: (options) => fuzzEnvironment(options),
}

export interface FuzzOutcome {
  /** What went wrong, with the least that makes it so. */
  readonly faults: readonly string[]
  /** What came of each kind. */
  readonly tallies: ReadonlyMap<string, Tally>
}

/** Tries so many of each kind. */
export async function fuzzSeed(options: FuzzOptions): Promise<FuzzOutcome> {
  const faults: string[] = []
  const tallies = new Map<string, Tally>()
  for (const [kind, fuzz] of Object.entries(FUZZED)) {
    try {
      tallies.set(kind, await fuzz(options))
    } catch (error) {
      faults.push(`${kind}: ${describeError(error)}`)
    }
  }
  return { faults, tallies }
}
