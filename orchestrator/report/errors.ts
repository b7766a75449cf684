import { KadlabError } from '#node/base/errors.ts'

/** A report must not be written where it was asked for; known before anything is started. */
export class ReportPlaceError extends KadlabError {
  static override readonly name = 'ReportPlaceError'
}

/** The report could not be written. */
export class ReportError extends KadlabError {
  static override readonly name = 'ReportError'
}
