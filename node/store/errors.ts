import { KadlabError } from '../base/errors.ts'

/** A key that no store takes: empty, too long, or not well-formed Unicode. */
export class InvalidKeyError extends KadlabError {
  static override readonly name = 'InvalidKeyError'
}

/** A value that no store takes: too large. */
export class InvalidValueError extends KadlabError {
  static override readonly name = 'InvalidValueError'
}

/** A key under `/own/<peer id>/` that is another peer's, or nobody's. */
export class NotOwnerError extends KadlabError {
  static override readonly name = 'NotOwnerError'
}

/** A record that is not to be believed: forged, damaged, of the future, over. */
export class InvalidRecordError extends KadlabError {
  static override readonly name = 'InvalidRecordError'
  /** It is from more than 5 minutes in the future, by this node's clock: it may be that clock which is wrong. */
  readonly isOfFuture: boolean

  constructor(message: string, { isOfFuture = false, ...options }: InvalidRecordOptions = {}) {
    super(message, options)
    this.isOfFuture = isOfFuture
  }
}

export interface InvalidRecordOptions extends ErrorOptions {
  isOfFuture?: boolean
}

/** A record without an envelope, at a node that takes none (`PLAIN_RECORDS`), or where a signed one is. */
export class PlainRecordError extends KadlabError {
  static override readonly name = 'PlainRecordError'
}

/** A text that is no version of a record. */
export class InvalidVersionError extends KadlabError {
  static override readonly name = 'InvalidVersionError'
}

/** What is under a key is another version than the caller's write is meant for. */
export class VersionError extends KadlabError {
  static override readonly name = 'VersionError'
}

/** Fewer peers than wanted hold the same version. */
export class AgreementError extends KadlabError {
  static override readonly name = 'AgreementError'
}

/** This node holds as many records as it may, and all are closer to it; or its disk takes no more. */
export class StoreFullError extends KadlabError {
  static override readonly name = 'StoreFullError'
}

/** A peer writes more records a second than a node takes of one peer. */
export class TooManyWritesError extends KadlabError {
  static override readonly name = 'TooManyWritesError'
}

/** A record reached fewer other peers than wanted. */
export class StoreError extends KadlabError {
  static override readonly name = 'StoreError'
  /** Copies at other peers that were wanted. */
  readonly expected: number
  /** Copies at other peers that were made. */
  readonly seen: number

  constructor(message: string, copies: { expected: number; seen: number }, options?: ErrorOptions) {
    super(message, options)
    this.expected = copies.expected
    this.seen = copies.seen
  }
}

/** Too few of the peers that may hold a record have answered to know whether there is one. */
export class UnansweredError extends KadlabError {
  static override readonly name = 'UnansweredError'
}

/** A call that belongs to the interface and is not built yet. */
export class NotImplementedError extends KadlabError {
  static override readonly name = 'NotImplementedError'
}
