import { KadlabError } from '#node/base/errors.ts'

/** The live page cannot be served. */
export class LivePageError extends KadlabError {
  static override readonly name = 'LivePageError'
}
