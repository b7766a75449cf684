import { KadlabError, describeError } from '../base/errors.ts'

/** A request that no call can be made of: not JSON, an unknown call, arguments of another form. */
export class BadRequestError extends KadlabError {
  static override readonly name = 'BadRequestError'
}

/** There is nothing under the name that was asked for. */
export class NotFoundError extends KadlabError {
  static override readonly name = 'NotFoundError'
}

/** The caller does not show the token that this API asks for. */
export class UnauthorizedError extends KadlabError {
  static override readonly name = 'UnauthorizedError'
}

/** The caller may not ask: it is a page of another site. */
export class ForbiddenError extends KadlabError {
  static override readonly name = 'ForbiddenError'
}

/** What the caller requires of what is there (`If-Match`, `If-None-Match`) is not so. */
export class PreconditionError extends KadlabError {
  static override readonly name = 'PreconditionError'
}

/** A body of more bytes than are taken. */
export class BodyTooLargeError extends KadlabError {
  static override readonly name = 'BodyTooLargeError'
}

/** A body of another media type than the call takes. */
export class MediaTypeError extends KadlabError {
  static override readonly name = 'MediaTypeError'
}

/** The way to a node ended before it answered. */
export class DisconnectedError extends KadlabError {
  static override readonly name = 'DisconnectedError'
}

/** The API cannot listen where its settings say. */
export class ApiListenError extends KadlabError {
  static override readonly name = 'ApiListenError'
}

/** An error as it crosses to another process. */
export interface WireError {
  name: string
  message: string
}

/** What a face reports of an error: its stable name, and its message with those of its causes. */
export function toWireError(thrown: unknown): WireError {
  const name = thrown instanceof Error ? thrown.name : 'Error'
  return { name, message: describeError(thrown) }
}

/** The error that a face reported, as if it had been thrown here: it has the same name and message. */
export function fromWireError(error: WireError): KadlabError {
  const thrown = new KadlabError(error.message)
  thrown.name = error.name
  return thrown
}
