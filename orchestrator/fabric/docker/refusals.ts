import { describeError } from '#node/base/errors.ts'

/** What the engine gave as its reason, without the client library's wrapping. */
export function reason(error: unknown): string {
  const body = (error as { json?: { message?: string } } | null)?.json
  return (body?.message ?? describeError(error)).trim().replace(/\.$/, '')
}

/** Whether the engine answered that the thing is not there (any more), or is going already. */
export function isGone(error: unknown): boolean {
  const status = (error as { statusCode?: number } | null)?.statusCode
  return status === 404 || (status === 409 && /already in progress/.test(reason(error)))
}
