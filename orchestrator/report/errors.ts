import { KadlabError } from '#node/errors.ts'

/** The report cannot be written where it was asked for. */
export class ReportError extends KadlabError {
  static override readonly name = 'ReportError'
}
