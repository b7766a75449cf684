import { createHash, timingSafeEqual } from 'node:crypto'

/** How a caller may say that it has the token: as a bearer, or (for a browser) as the password of whatever user. */
export const CHALLENGE = 'Bearer realm="kadlab", Basic realm="kadlab", charset="UTF-8"'

/** What a request says of the token: as a program does, as a browser does for whatever page of ours, or neither. */
export type Authorization = 'bearer' | 'basic' | 'none'

/** In a time that tells nothing of how much of it is right. */
export function authorizationOf(header: string | undefined, token: string): Authorization {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(header ?? '') ?? []
  const kind = scheme.toLowerCase()
  if (kind === 'bearer') return isSame(credentials, token) ? 'bearer' : 'none'
  if (kind !== 'basic') return 'none'
  const text = Buffer.from(credentials, 'base64').toString()
  const password = text.slice(text.indexOf(':') + 1)
  return text.includes(':') && isSame(password, token) ? 'basic' : 'none'
}

/** The header of a caller that has a token; none for one that has none. */
export function asBearer(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** Digests have one length, whatever the texts have. */
function isSame(seen: string, expected: string): boolean {
  return timingSafeEqual(digest(seen), digest(expected))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
