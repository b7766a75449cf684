import { KadlabError } from '../base/errors.ts'

/** A key that no store takes: empty, too long, or not well-formed Unicode. */
export class InvalidKeyError extends KadlabError {
  static override readonly name = 'InvalidKeyError'
}

/** A value that no store takes: too large. */
export class InvalidValueError extends KadlabError {
  static override readonly name = 'InvalidValueError'
}

/** This node holds as many records as it may, and all are closer to it. */
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
