import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { loopbackHosts } from '#orchestrator/live/loopback.ts'

export interface GuardOptions {
  /** Where the lab listens, once it does. */
  port: () => number
  /** Known to who got the lab's address from its terminal. */
  token: string
}

/**
 * Refuses whoever comes under another name than this machine's own (403), without the token (401), or from a page of
 * another origin where something would change (403).
 */
export function guard({ port, token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req
    const host = context.req.header('host') ?? ''
    if (!loopbackHosts(port()).includes(host)) {
      return context.json({ error: `expected 127.0.0.1:${port()} as the host` }, 403)
    }
    if (path === '/') return next()
    const [, given = ''] = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '') ?? []
    if (!isSame(given, token)) {
      return context.json({ error: 'expected the whole address that the lab printed' }, 401)
    }
    if (method === 'POST' && context.req.header('origin') !== `http://${host}`) {
      return context.json({ error: "expected the lab's own page as the origin" }, 403)
    }
    return next()
  }
}

/** Takes as long whatever is given. */
function isSame(given: string, token: string): boolean {
  const [one, other] = [given, token].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}
