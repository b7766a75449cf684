import type { MiddlewareHandler } from 'hono'
import { ForbiddenError, UnauthorizedError } from '../errors.ts'
import { isOwnPage } from './own-page.ts'
import { authorizationOf } from './token.ts'

export interface Admission {
  /** `API_TOKEN`; null where whoever reaches the face may ask. */
  token: string | null
  /** Browsers reach the face: pages of other sites are refused. */
  isForBrowsers: boolean
}

/**
 * Refuses who may not ask: those without the token where there is one, and pages of other sites. A program that has the
 * token is no page, whatever name it calls this machine by; a browser sends a password for any page. That the process
 * lives is told to everybody.
 */
export function admit({ token, isForBrowsers }: Admission): MiddlewareHandler {
  return async ({ req }, next) => {
    const { method, path } = req
    const shown = token === null ? 'none' : authorizationOf(req.header('authorization'), token)
    if (shown !== 'bearer') {
      const headers = Object.fromEntries(req.raw.headers)
      if (isForBrowsers && !isOwnPage({ method, path, headers })) {
        throw new ForbiddenError('pages of other sites are not answered')
      }
      if (token !== null && shown === 'none' && path !== '/healthz') {
        throw new UnauthorizedError('expected Authorization: Bearer and the API_TOKEN of the node')
      }
    }
    await next()
  }
}
