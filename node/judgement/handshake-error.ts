import { KadlabError } from '../base/errors.ts'

/** How a connection ends that was made, and never became one of libp2p. */
export const HANDSHAKE_KINDS = [
  'silent',
  'not-libp2p',
  'private-network',
  'no-encrypter',
  'no-muxer',
  'denied-after-handshake',
] as const

export type HandshakeKind = (typeof HANDSHAKE_KINDS)[number]

/** TCP connected, and libp2p's handshake did not come about, in a way that what was received tells. */
export class HandshakeError extends KadlabError {
  static override readonly name = 'HandshakeError'
  readonly kind: HandshakeKind

  constructor(kind: HandshakeKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
