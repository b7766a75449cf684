import type {
  Connection,
  DialTransportOptions,
  MultiaddrConnection,
  Transport,
  Upgrader,
} from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import { HandshakeError } from '../judgement/handshake-error.ts'
import { handshakeSign, type HandshakeTrace } from './handshake-signs.ts'

/** Bytes kept of what came and went: enough for the first line of any protocol. */
const KEPT_BYTES = 256
/** Failures that what came over the wire can tell more of. */
const VAGUE = new Set(['timed-out', 'denied', 'other'])

/** What a message stream of @libp2p/utils calls for each piece, which its interface leaves out. */
interface Tapped {
  onData?: (data: Bytes) => unknown
  sendData?: (data: Bytes) => unknown
}

type Bytes = Uint8Array | { subarray(): Uint8Array; byteLength: number }

/**
 * A transport whose dials say what they met where TCP answers and libp2p does not. libp2p's upgrader keeps the message
 * of an encrypter's error alone, which is the same for a mail server, a private network and a limit that is reached.
 */
export function watchHandshakes<Components>(
  factory: (components: Components) => Transport,
): (components: Components) => Transport {
  return (components) => {
    const transport = factory(components)
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, options: DialTransportOptions) =>
      dial(address, { ...options, upgrader: watching(options.upgrader, options.signal) })
    return transport
  }
}

function watching(upgrader: Upgrader, signal: AbortSignal): Upgrader {
  const watcher: Pick<Upgrader, 'upgradeOutbound'> = {
    upgradeOutbound: async (connection, options): Promise<Connection> => {
      const { trace, untap } = tap(connection)
      const onProgress = (event: { type: string }): void => {
        if (event.type === 'upgrader:multiplex-outbound-connection') trace.stage = 'multiplex'
        options.onProgress?.(event as Parameters<NonNullable<typeof options.onProgress>>[0])
      }
      try {
        return await upgrader.upgradeOutbound(connection, { ...options, onProgress })
      } catch (error) {
        throw explained(error, { ...trace, isTimeout: signal.aborted, error: describeError(error) })
      } finally {
        untap()
      }
    },
  }
  return Object.assign(Object.create(upgrader), watcher) as Upgrader
}

function explained(error: unknown, trace: HandshakeTrace): unknown {
  if (!VAGUE.has(classifyDialError(error).kind)) return error
  const sign = handshakeSign(trace)
  return sign === null ? error : new HandshakeError(sign.kind, sign.text, { cause: error })
}

type Passed = Pick<HandshakeTrace, 'stage' | 'received' | 'receivedBytes' | 'sent'>

/**
 * Notes what passes until it is untapped: the handshake alone, not all that a connection ever carries. By the methods that
 * every piece goes through: a listener would take pieces away.
 */
function tap(connection: MultiaddrConnection & Tapped): { trace: Passed; untap: () => void } {
  const trace: Passed = {
    stage: 'encrypt',
    received: new Uint8Array(),
    receivedBytes: 0,
    sent: new Uint8Array(),
  }
  const { onData, sendData } = connection
  if (onData !== undefined) {
    connection.onData = (data) => {
      trace.received = extended(trace.received, data)
      trace.receivedBytes += data.byteLength
      return onData.call(connection, data)
    }
  }
  if (sendData !== undefined) {
    connection.sendData = (data) => {
      trace.sent = extended(trace.sent, data)
      return sendData.call(connection, data)
    }
  }
  const untap = (): void => {
    if (onData !== undefined) connection.onData = onData
    if (sendData !== undefined) connection.sendData = sendData
  }
  return { trace, untap }
}

function extended(kept: Uint8Array, data: Bytes): Uint8Array {
  return kept.length >= KEPT_BYTES
    ? kept
    : Buffer.concat([kept, data.subarray()]).subarray(0, KEPT_BYTES)
}
