import { describeError } from '../base/errors.ts'
import type { DialErrorKind } from './causes.ts'
import { HandshakeError } from './handshake-error.ts'

/** Why a dial failed. */
export interface DialFailure {
  kind: DialErrorKind
  /** The message of the error, with those below it. */
  error: string
  /** The peer that answered in the place of the one dialled, where the error names it. */
  answeredBy: string | null
}

/** From the most telling kind to the least: where several addresses fail in different ways, the first one found is told. */
export const DIAL_ERROR_KINDS: readonly DialErrorKind[] = [
  'wrong-peer-id',
  'own-address',
  'private-network',
  'no-encrypter',
  'no-muxer',
  'denied-after-handshake',
  'not-libp2p',
  'refused',
  'denied',
  'silent',
  'timed-out',
  'name-not-resolved',
  'private-name',
  'no-family',
  'no-route',
  'other',
]

const KIND_OF_CODE: Readonly<Record<string, DialErrorKind>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'timed-out',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENETDOWN: 'no-route',
  EHOSTDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EAFNOSUPPORT: 'no-family',
  ENOTFOUND: 'name-not-resolved',
  EAI_AGAIN: 'name-not-resolved',
  ENODATA: 'name-not-resolved',
  // of the name server: it refuses, fails, or does not answer
  EREFUSED: 'name-not-resolved',
  ESERVFAIL: 'name-not-resolved',
  ENOTIMP: 'name-not-resolved',
  ECONNRESET: 'denied',
  EPIPE: 'denied',
}

const KIND_OF_NAME: Readonly<Record<string, DialErrorKind>> = {
  TimeoutError: 'timed-out',
  PrivateHostError: 'private-name',
  NothingNamedError: 'name-not-resolved',
  // libp2p ends the dial of one address by aborting it (libp2p/connection-manager/dial-queue.ts, addressDialTimeout)
  AbortError: 'timed-out',
  UnexpectedPeerError: 'wrong-peer-id',
  ConnectionDeniedError: 'denied',
  ConnectionInterceptedError: 'denied',
  UnexpectedEOFError: 'denied',
  ConnectionClosedError: 'denied',
  StreamResetError: 'denied',
  StreamClosedError: 'denied',
  StreamStateError: 'denied',
}

/** `Payload identity key <answered> does not match expected remote identity key <wanted>`, of the noise handshake. */
const WRONG_IDENTITY = /identity key (\S+) does not match expected/
/** The same of QUIC (`@chainsafe/libp2p-quic`, transport.ts). */
const WRONG_QUIC_PEER = /Dialed peer \S+ but connected to (\S+)/
/** The same in the words of the other encrypters. */
const WRONG_PEER = /unexpected peer|peer id (?:mismatch|did not match|does not match)/i
/** What a host without any way to IPv6 says of an address of it. */
const NO_IPV6 = /\b(?:ENETUNREACH|EADDRNOTAVAIL) [0-9a-f]*:[0-9a-f]*:/i
const OWN_ADDRESS = /dial(?:led)? (?:to )?self/i

/**
 * Tells from the error that a libp2p dial ended with why it failed.
 *
 * The upgrader keeps only the message of what is below it (`EncryptionFailedError(err.message)`, libp2p/upgrader.ts), so
 * codes are looked for in messages as well.
 *
 * @param thrown what `libp2p.dial` or a transport threw; AggregateErrors and causes are looked through
 * @param ownPeerId the dialler: an address at which it answers itself is its own
 */
export function classifyDialError(thrown: unknown, ownPeerId?: string): DialFailure {
  const error = describeError(thrown)
  const all = flatten(thrown)
  const answeredBy = (WRONG_IDENTITY.exec(error) ?? WRONG_QUIC_PEER.exec(error))?.[1] ?? null
  if (answeredBy !== null && answeredBy === ownPeerId) {
    return { kind: 'own-address', error, answeredBy: null }
  }
  const kinds = new Set(all.map(kindOf))
  const kind = DIAL_ERROR_KINDS.find((kind) => kinds.has(kind)) ?? 'other'
  // What was met on the wire is the whole story; the timeout or reset below it adds nothing.
  const met = all.find((each) => each instanceof HandshakeError && each.kind === kind)
  return {
    kind,
    error: met?.message ?? error,
    answeredBy: kind === 'wrong-peer-id' ? answeredBy : null,
  }
}

/** The errors at the leaves: what is below says more than what wraps it. */
function flatten(thrown: unknown, depth = 0): Error[] {
  if (!(thrown instanceof Error) || depth > 8) return []
  // It says more than the error of the upgrader below it.
  if (thrown instanceof HandshakeError) return [thrown]
  const below = thrown instanceof AggregateError ? thrown.errors : [thrown.cause]
  const leaves = below.flatMap((cause) => flatten(cause, depth + 1))
  const own = kindOf(thrown)
  return leaves.length === 0 || own === 'wrong-peer-id' || own === 'own-address'
    ? [thrown, ...leaves]
    : leaves
}

function kindOf(error: Error): DialErrorKind {
  if (error instanceof HandshakeError) return error.kind
  if (OWN_ADDRESS.test(error.message)) return 'own-address'
  if ([WRONG_IDENTITY, WRONG_QUIC_PEER, WRONG_PEER].some((each) => each.test(error.message))) {
    return 'wrong-peer-id'
  }
  if (NO_IPV6.test(error.message)) return 'no-family'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  const fromCode = code === null ? undefined : KIND_OF_CODE[code]
  if (fromCode !== undefined) return fromCode
  const inMessage = /\bE[A-Z]{4,}\b/.exec(error.message)?.[0]
  const fromMessage = inMessage === undefined ? undefined : KIND_OF_CODE[inMessage]
  if (fromMessage !== undefined) return fromMessage
  const fromName = KIND_OF_NAME[error.name]
  if (fromName !== undefined) return fromName
  if (error.name === 'EncryptionFailedError') return kindOfHandshake(error.message)
  return 'other'
}

/**
 * The encrypter's errors come without their names, and a connection that just ended without a message even, in whose
 * place the upgrader puts its default one.
 */
function kindOfHandshake(message: string): DialErrorKind {
  if (/abort|timed? ?out/i.test(message)) return 'timed-out'
  if (/^encryption failed$|eof|closed|ended|reset|remote/i.test(message)) return 'denied'
  return 'other'
}
