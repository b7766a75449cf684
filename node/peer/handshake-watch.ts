import type {
  Connection,
  DialTransportOptions,
  MessageStream,
  MultiaddrConnection,
  Transport,
  Upgrader,
} from '@libp2p/interface'
import { describeError } from '../base/errors.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import { HandshakeError } from '../judgement/handshake-error.ts'
import { handshakeSign, type HandshakeTrace, IN_THE_OPEN } from './handshake-signs.ts'
import { speaksInTheOpen } from './open-greeting.ts'
import type { PrivateNetwork } from './private-network.ts'

/** Bytes kept of what came and went: enough for the first line of any protocol. */
const KEPT_BYTES = 256
/** Failures that what came over the wire can tell more of. */
const VAGUE = new Set(['timed-out', 'denied', 'other'])

/** What it may be that there was nothing to tell of: nothing came, or the connection was closed. */
const UNANSWERED = new Set(['silent', ...VAGUE])

/** What a message stream of @libp2p/utils calls for each piece, which its interface leaves out. */
interface Tapped {
  onData?: (data: Bytes) => unknown
  sendData?: (data: Bytes) => unknown
}

type Bytes = Uint8Array | { subarray(): Uint8Array; byteLength: number }

/**
 * A transport whose dials say what they met where TCP answers and libp2p does not. libp2p's upgrader keeps the message
 * of an encrypter's error alone, which is the same for a mail server, a private network and a limit that is reached.
 *
 * @param network the private network that the dialler is in; null: none
 */
export function watchHandshakes<Components>(
  factory: (components: Components) => Transport,
  network: PrivateNetwork | null = null,
): (components: Components) => Transport {
  return (components) => {
    const transport = factory(components)
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, options: DialTransportOptions) => {
      const { upgrader, signal } = options
      const dialled: Dialled = { waits: false }
      try {
        return await dial(address, {
          ...options,
          upgrader: watching(upgrader, signal, network, dialled),
        })
      } catch (error) {
        // A peer without a swarm key takes the nonce for the beginning of a greeting, and waits for its end.
        if (!dialled.waits || signal.aborted) throw error
        if (!UNANSWERED.has(classifyDialError(error).kind)) throw error
        if (!(await speaksInTheOpen(dial, address, options))) throw error
        throw new HandshakeError(IN_THE_OPEN.kind, IN_THE_OPEN.text, { cause: error })
      }
    }
    return transport
  }
}

interface Dialled {
  /** It ended before the nonce of the other side had come. */
  waits: boolean
}

function watching(
  upgrader: Upgrader,
  signal: AbortSignal,
  network: PrivateNetwork | null,
  dialled: Dialled,
): Upgrader {
  const watcher: Pick<Upgrader, 'upgradeOutbound'> = {
    upgradeOutbound: async (connection, options): Promise<Connection> => {
      const { trace, untap } = network === null ? tap(connection) : tapInto(connection, network)
      const onProgress = (event: { type: string }): void => {
        if (event.type === 'upgrader:multiplex-outbound-connection') trace.stage = 'multiplex'
        options.onProgress?.(event as Parameters<NonNullable<typeof options.onProgress>>[0])
      }
      try {
        return await upgrader.upgradeOutbound(connection, { ...options, onProgress })
      } catch (error) {
        dialled.waits = trace.network?.entered === false
        const { kind } = classifyDialError(error)
        const isTimeout = signal.aborted || (dialled.waits && kind === 'timed-out')
        throw explained(error, { ...trace, isTimeout, error: describeError(error) })
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

type Passed = Omit<HandshakeTrace, 'isTimeout' | 'error'>

interface Tap {
  trace: Passed
  untap: () => void
}

/** As `tap`, of a connection that goes into a private network: from then on, what passes inside. */
function tapInto(connection: MultiaddrConnection & Tapped, network: PrivateNetwork): Tap {
  const outer = tap(connection)
  const trace: Passed = outer.trace
  trace.network = { entered: false }
  let { untap } = outer
  network.follow(connection, (inside: MessageStream & Tapped) => {
    untap()
    const outside = trace.received
    Object.assign(trace, nothing(), { network: { entered: true, outside } })
    untap = tap(inside, trace).untap
  })
  return { trace, untap: () => untap() }
}

function nothing(): Pick<Passed, 'received' | 'receivedBytes' | 'sent'> {
  return { received: new Uint8Array(), receivedBytes: 0, sent: new Uint8Array() }
}

/**
 * Notes what passes until it is untapped: the handshake alone, not all that a connection ever carries. By the methods that
 * every piece goes through: a listener would take pieces away.
 */
function tap(
  connection: MessageStream & Tapped,
  trace: Passed = { stage: 'encrypt', ...nothing() },
): Tap {
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
