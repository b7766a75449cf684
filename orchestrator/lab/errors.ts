import { KadlabError } from '#node/base/errors.ts'

/** A run is under way, and the lab runs one at a time. */
export class RunUnderWayError extends KadlabError {
  static override readonly name = 'RunUnderWayError'
}
