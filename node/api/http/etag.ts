import { createHash } from 'node:crypto'
import { BadRequestError, PreconditionError } from '../errors.ts'

/** The headers of a request that make it conditional (RFC 9110, section 13); undefined where it has none. */
export interface Conditions {
  ifMatch: string | undefined
  ifNoneMatch: string | undefined
}

/** A tag of a list, `W/"x"` or `"x"`; what is between them is commas and white space. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g
const BETWEEN = /^[\s,]*$/

/** The strong entity tag of a record: its version, or where it has none the hash of its bytes. Equal on every node. */
export function etagOf({ version, value }: { version: string | null; value: Uint8Array }): string {
  return `"${version ?? createHash('sha256').update(value).digest('base64url')}"`
}

export function isConditional({ ifMatch, ifNoneMatch }: Conditions): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined
}

/**
 * For a read of a value that is there.
 *
 * @returns true where the caller has it already: 304
 * @throws PreconditionError, BadRequestError
 */
export function isUnchanged(conditions: Conditions, etag: string): boolean {
  requireMatch(conditions, etag)
  const { ifNoneMatch } = conditions
  return ifNoneMatch !== undefined && isAmong(etag, tagsIn('If-None-Match', ifNoneMatch, 'weak'))
}

/**
 * For a write.
 *
 * @param etag of the value that is there; null where there is none
 * @throws PreconditionError where the caller expects another state, BadRequestError for a header that is no list of tags
 */
export function requireWritable(conditions: Conditions, etag: string | null): void {
  requireMatch(conditions, etag)
  const { ifNoneMatch } = conditions
  if (ifNoneMatch === undefined) return
  const tags = tagsIn('If-None-Match', ifNoneMatch, 'weak')
  if (isAmong(etag, tags)) throw failed('none of', ifNoneMatch, etag)
}

function requireMatch({ ifMatch }: Conditions, etag: string | null): void {
  if (ifMatch === undefined) return
  if (!isAmong(etag, tagsIn('If-Match', ifMatch, 'strong'))) throw failed('one of', ifMatch, etag)
}

function isAmong(etag: string | null, tags: ReadonlySet<string> | '*'): boolean {
  return etag !== null && (tags === '*' || tags.has(etag))
}

/** A weak tag is equal to none where strong ones are compared. */
function tagsIn(
  header: string,
  text: string,
  comparison: 'weak' | 'strong',
): ReadonlySet<string> | '*' {
  if (text.trim() === '*') return '*'
  const tags = text.match(TAG) ?? []
  if (tags.length === 0 || !BETWEEN.test(text.replaceAll(TAG, ''))) {
    throw new BadRequestError(`expected * or tags in quotes as ${header}, saw ${text}`)
  }
  if (comparison === 'strong') return new Set(tags)
  return new Set(tags.map((tag) => tag.replace(/^W\//, '')))
}

function failed(which: string, tags: string, etag: string | null): PreconditionError {
  const seen = etag === null ? 'there is no value' : `it is ${etag}`
  return new PreconditionError(`expected the value to be ${which} ${tags}: ${seen}`)
}
