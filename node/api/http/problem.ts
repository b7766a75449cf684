import { z } from 'zod'
import { toWireError } from '../errors.ts'
import { CHALLENGE } from './token.ts'

/** What an error is over HTTP: its usual status, and a title that is the same each time. */
export interface ProblemKind {
  status: number
  title: string
}

/**
 * Every error that the HTTP face answers on purpose, by its code: the error's name, which is never given another meaning.
 * Any other is a failure of the node itself, with status 500 and the name that it has.
 */
export const PROBLEMS = {
  BadRequestError: { status: 400, title: 'The request is not of the form that is wanted' },
  InvalidKeyError: { status: 400, title: 'That is no key' },
  UnauthorizedError: { status: 401, title: 'The token of the API is missing or wrong' },
  ForbiddenError: { status: 403, title: 'Pages of other sites are not answered' },
  NotFoundError: { status: 404, title: 'There is nothing there' },
  SlowRequestError: { status: 408, title: 'The request took too long to arrive' },
  NotOwnerError: { status: 403, title: 'The key belongs to another peer' },
  InvalidVersionError: { status: 400, title: 'That is no version of a record' },
  VersionError: { status: 412, title: 'The value is of another version than is required' },
  AgreementError: { status: 503, title: 'Fewer peers hold the same version than wanted' },
  PreconditionError: { status: 412, title: 'The value is not the one that is required' },
  BodyTooLargeError: { status: 413, title: 'The body is too large' },
  InvalidValueError: { status: 413, title: 'The value is too large' },
  MediaTypeError: { status: 415, title: 'The body is of another media type than is wanted' },
  HeadersTooLargeError: { status: 431, title: 'The headers are too large' },
  NotImplementedError: { status: 501, title: 'That is not built yet' },
  AbortError: { status: 503, title: 'The call was given up' },
  BusyError: { status: 503, title: 'The node answers as many requests as it may' },
  DisconnectedError: { status: 503, title: 'The node does not answer' },
  StoreError: { status: 503, title: 'Fewer other peers stored it than wanted' },
  UnansweredError: { status: 503, title: 'Too few peers answered to know whether it is there' },
  TimeoutError: { status: 504, title: 'The call took too long' },
} as const satisfies Record<string, ProblemKind>

/** What the HTTP face refuses at its door, before any call is made: counted, each by itself. */
export const REFUSED_AT_THE_DOOR = [
  'UnauthorizedError',
  'ForbiddenError',
  'BodyTooLargeError',
  'MediaTypeError',
  'SlowRequestError',
  'HeadersTooLargeError',
  'BusyError',
] as const satisfies (keyof typeof PROBLEMS)[]

export type RefusedAtTheDoor = (typeof REFUSED_AT_THE_DOOR)[number]

/** The code of a problem where it is such a refusal; null where it is not. */
export function refusedAtTheDoor(code: string): RefusedAtTheDoor | null {
  return REFUSED_AT_THE_DOOR.find((each) => each === code) ?? null
}

const UNFORESEEN: ProblemKind = { status: 500, title: 'The node failed' }

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** The body of every answer of the HTTP face that is not a success: a problem document (RFC 9457). */
export const ProblemSchema = z.object({
  type: z.string().describe('urn:kadlab:problem:<code>'),
  title: z.string().describe('What this kind of problem is.'),
  status: z.int().min(400).max(599).describe('The status of the answer.'),
  detail: z.string().describe('What was expected here, what was seen, what to do.'),
  code: z.string().describe("The error's name: stable, for programs to match."),
})

export type Problem = z.infer<typeof ProblemSchema>

/** @param status where it differs from the usual one of its kind */
export function problem(code: string, detail: string, status?: number): Problem {
  const kind = problemKind(code)
  return {
    type: `urn:kadlab:problem:${code}`,
    title: kind.title,
    status: status ?? kind.status,
    detail,
    code,
  }
}

/** Whatever was thrown, as the problem that it is. */
export function problemOf(thrown: unknown): Problem {
  const { name, message } = toWireError(thrown)
  return problem(name, message)
}

/** The answer that carries a problem; no browser takes what it quotes of a request for a page. */
export function problemResponse(told: Problem): Response {
  return new Response(JSON.stringify(told), {
    status: told.status,
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      'x-content-type-options': 'nosniff',
      ...(told.status === 401 ? { 'www-authenticate': CHALLENGE } : {}),
    },
  })
}

function problemKind(code: string): ProblemKind {
  return Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as keyof typeof PROBLEMS] : UNFORESEEN
}
