/**
 * The base of every error that kadlab throws on purpose.
 *
 * `name` is stable and is what callers match by (it survives duplicate copies of a package, which `instanceof` does
 * not). The message says what was expected, what was seen and what to do; `cause` keeps the error underneath.
 */
export class KadlabError extends Error {
  static override readonly name: string = 'KadlabError'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The text of anything that was thrown, with the messages of its causes behind it. */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const causes = thrown instanceof AggregateError ? thrown.errors : [thrown.cause]
  const below = causes.filter((cause) => cause !== undefined).map(describeError)
  const message = thrown.message === '' ? thrown.name : thrown.message
  return below.length === 0 ? message : `${message} (${below.join('; ')})`
}
