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

/** Causes below this many others say nothing more; an error may even be its own cause. */
const MAX_CAUSES = 8

/**
 * The text of anything that was thrown, with the messages of its causes behind it; what a message says of its cause by
 * itself is not said again. Never throws.
 */
export function describeError(thrown: unknown): string {
  return describe(thrown, 0)
}

function describe(thrown: unknown, depth: number): string {
  if (!(thrown instanceof Error)) return textOf(thrown)
  if (thrown instanceof SuppressedError) return describeBoth(thrown, depth)
  const causes = thrown instanceof AggregateError ? thrown.errors : [thrown.cause]
  const message = thrown.message === '' ? thrown.name : thrown.message
  if (depth === MAX_CAUSES) return message
  const below = causes.filter((cause) => cause !== undefined)
  const texts = below
    .map((cause) => describe(cause, depth + 1))
    .filter((text) => !message.includes(text))
  return texts.length === 0 ? message : `${message} (${texts.join('; ')})`
}

/** What failed first comes first; what failed while that was cleared up, where it says something else. */
function describeBoth({ error, suppressed }: SuppressedError, depth: number): string {
  const [first, later] = [suppressed, error].map((each) => describe(each, depth + 1))
  return later === undefined || first === undefined || first.includes(later)
    ? (first ?? '')
    : `${first} (then, while clearing up: ${later})`
}

/** What failed first, where more failed while it was cleared up. */
export function firstFailure(thrown: unknown): unknown {
  let first = thrown
  for (let depth = 0; depth < MAX_CAUSES && first instanceof SuppressedError; depth += 1) {
    first = first.suppressed
  }
  return first
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be written'
  }
}
