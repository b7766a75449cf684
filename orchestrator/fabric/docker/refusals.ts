import { describeError } from '#node/base/errors.ts'
import { FabricError } from '../errors.ts'
import { EngineRefusedError, RemovedMeanwhileError } from './errors.ts'

/** What the engine gave as its reason, without the client library's wrapping. */
export function reason(error: unknown): string {
  return plainReason(error).replace(/\.$/, '')
}

export function plainReason(error: unknown): string {
  const body = (error as { json?: { message?: string } } | null)?.json
  return (body?.message ?? describeError(error)).replace(/^\(HTTP code \d+\) [\w ]+ - /, '').trim()
}

/** Why the engine cannot be reached, where that is what the error says; else null. */
export function unreachable(error: unknown): string | null {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such socket'
  if (code === 'ECONNREFUSED') return 'the connection is refused'
  if (code === 'EACCES') return 'this user may not open the socket (group `docker`)'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name is not known'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'there is no way to it'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection broke'
  return /socket hang up/.test(message) ? 'the connection broke' : null
}

/** Whether the engine answered that the thing is not there (any more), or is going already. */
export function isGone(error: unknown): boolean {
  const status = (error as { statusCode?: number } | null)?.statusCode
  return status === 404 || (status === 409 && /already in progress/.test(reason(error)))
}

/**
 * The error for something that the engine did not do.
 *
 * @param what - `the container \`A\``
 */
export function refused(what: string, error: unknown): FabricError {
  // An engine that does not answer has not refused anything.
  if (error instanceof FabricError) return error
  const why = reason(error)
  const missing = (error as { statusCode?: number } | null)?.statusCode === 404
  if (missing && /no such (container|image|network|volume)|network \S+ not found/i.test(why)) {
    return new RemovedMeanwhileError(what, why, { cause: error })
  }
  return new EngineRefusedError(`The engine refused ${what}: ${why}.`, { cause: error })
}
