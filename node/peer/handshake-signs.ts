import { visible } from '../base/visible.ts'
import type { HandshakeKind } from '../judgement/handshake-error.ts'

/** What went over a connection until its upgrade failed. */
export interface HandshakeTrace {
  /** `encrypt` until the connection is secured, then `multiplex`. */
  stage: 'encrypt' | 'multiplex'
  /** The first bytes that came, and how many came in all. */
  received: Uint8Array
  receivedBytes: number
  /** The first bytes that went out. */
  sent: Uint8Array
  /** True where the time was over, false where the connection failed by itself. */
  isTimeout: boolean
  /** The message of the error that ended it. */
  error: string
  /** How far it came into the private network of the dialler; absent where that has no swarm key. */
  network?: NetworkTrace
}

/** In a private network each side says a nonce in the open, and all after it in cipher. */
export type NetworkTrace =
  /** The nonce of the other side did not come. */
  | { entered: false }
  /** It did, and what was received and sent is what was decrypted; `outside` is what came first over the wire. */
  | { entered: true; outside: Uint8Array }

export interface HandshakeSign {
  kind: HandshakeKind
  /** What was seen, as a sentence without a full stop. */
  text: string
}

/** The first message of multistream-select, with its length before it (libp2p specs, connections). */
export const MULTISTREAM = Buffer.from('\x13/multistream/1.0.0\n')
const NOT_AVAILABLE = Buffer.from('\x03na\n')
/** What a dialler sends before it has an answer: the header, and the encrypter that it wants. */
export const OPENING = Buffer.concat([MULTISTREAM, Buffer.from('\x07/noise\n')])
/**
 * In a private network each side begins with a nonce of 24 bytes, and all after it is encrypted (libp2p specs, pnet):
 * what comes is the nonce, or the nonce and a header.
 */
const PRIVATE_NETWORK_BYTES = new Set([24, 24 + MULTISTREAM.length])

const NO_KNOWN_FORM = 'it sends bytes of no known form'

const SERVICES: readonly (readonly [string, RegExp])[] = [
  ['HTTP', /^HTTP\/\d|^<!doctype html|^<html/i],
  ['SSH', /^SSH-/],
  ['SMTP or FTP', /^220[ -]/],
  ['IMAP', /^\* OK/],
  ['POP3', /^\+OK/],
  ['Redis', /^-ERR/],
]

/** Tells what stands at the other end from what came over the wire; null where the error says all that there is to say. */
export function handshakeSign(trace: HandshakeTrace): HandshakeSign | null {
  return trace.stage === 'multiplex' ? signAfterSecurity(trace) : signBeforeSecurity(trace)
}

const NO_MUXER: HandshakeSign = {
  kind: 'no-muxer',
  text: 'it secures the connection, and has no stream muxer in common',
}

/** What is at the other end does not know of private networks, or is in none. */
export const IN_THE_OPEN: HandshakeSign = {
  kind: 'private-network',
  text: 'it speaks libp2p without a swarm key, and this node has one',
}

function signAfterSecurity({ error, isTimeout }: HandshakeTrace): HandshakeSign | null {
  if (isTimeout) return null
  return /could not negotiate/i.test(error)
    ? NO_MUXER
    : { kind: 'denied-after-handshake', text: 'it ends the connection once it knows who dials' }
}

function signBeforeSecurity(trace: HandshakeTrace): HandshakeSign | null {
  const { received, receivedBytes, isTimeout, error } = trace
  // Noise carries the names of the muxers: it may be the encrypter that finds none in common.
  if (/no common muxers/i.test(error)) return NO_MUXER
  const silent = (text: string): HandshakeSign | null =>
    isTimeout ? { kind: 'silent', text } : null
  const { network } = trace
  if (network !== undefined) {
    const sign = signOfNetwork(network, received)
    if (sign !== null) return sign
  }
  if (receivedBytes === 0) return silent('it accepts the connection and says nothing')
  if (startsWith(received, MULTISTREAM)) {
    if (startsWith(received.subarray(MULTISTREAM.length), NOT_AVAILABLE)) {
      return { kind: 'no-encrypter', text: 'it speaks libp2p, and has no encrypter in common' }
    }
    return isEcho(trace)
      ? { kind: 'not-libp2p', text: 'it sends back what it is told' }
      : silent('it begins the handshake and then says nothing')
  }
  if (startsWith(MULTISTREAM, received))
    return silent('it begins the handshake and then says nothing')
  if (network === undefined && PRIVATE_NETWORK_BYTES.has(receivedBytes) && !isText(received)) {
    return {
      kind: 'private-network',
      text: 'it answers in cipher before a key is agreed, as in a private network (a swarm key)',
    }
  }
  return { kind: 'not-libp2p', text: `what answers is no libp2p: ${looksOf(received)}` }
}

/** What a dialler with a swarm key met; null where it is the same as without one. */
function signOfNetwork(network: NetworkTrace, received: Uint8Array): HandshakeSign | null {
  const first = network.entered ? network.outside : received
  if (startsWith(first, MULTISTREAM)) return IN_THE_OPEN
  if (!network.entered) return null
  const looks = looksOf(first)
  if (looks !== NO_KNOWN_FORM) {
    return { kind: 'not-libp2p', text: `what answers is no libp2p: ${looks}` }
  }
  const [decrypted] = received
  return decrypted === MULTISTREAM[0] &&
    startsWith(MULTISTREAM, received.subarray(0, MULTISTREAM.length))
    ? null
    : { kind: 'private-network', text: 'it is in a private network with another swarm key' }
}

function isEcho({ received, receivedBytes, sent }: HandshakeTrace): boolean {
  return receivedBytes > OPENING.length && startsWith(sent, received)
}

function looksOf(received: Uint8Array): string {
  // A record of TLS: an alert or a handshake, of any version.
  if ((received[0] === 0x15 || received[0] === 0x16) && received[1] === 3)
    return 'it looks like TLS'
  const text = Buffer.from(received).toString('latin1')
  const service = SERVICES.find(([, signs]) => signs.test(text))?.[0]
  if (service !== undefined) return `it looks like ${service}`
  const [line = ''] = text.split(/\r?\n/)
  return isText(received) ? `it says "${visible(line.slice(0, 40))}"` : NO_KNOWN_FORM
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13,
  )
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return bytes.length >= beginning.length && beginning.every((byte, index) => bytes[index] === byte)
}
