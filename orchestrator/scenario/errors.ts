import { KadlabError } from '#node/base/errors.ts'
import type { LocatedFault } from '../words/fault.ts'

/** A scenario file is wrong, or there is none of that name: exit status 2, nothing was started. */
export class ScenarioError extends KadlabError {
  static override readonly name = 'ScenarioError'
  readonly faults: readonly LocatedFault[]

  constructor(message: string, faults: readonly LocatedFault[] = [], options?: ErrorOptions) {
    super(message, options)
    this.faults = faults
  }

  /** One line for each fault: `file:line:column: place: what is wrong`. */
  static of(faults: readonly LocatedFault[], options?: ErrorOptions): ScenarioError {
    const lines = faults.map((fault) => {
      const place = fault.path.length === 0 ? '' : `${fault.path.join('.')}: `
      return `${fault.file}:${fault.line}:${fault.column}: ${place}${fault.message}`
    })
    return new ScenarioError(lines.join('\n'), faults, options)
  }
}
