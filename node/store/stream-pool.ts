import type { PeerId, Stream } from '@libp2p/interface'
import type { KadInternals } from '../patches/kad-internals.ts'
import type { Clock, Timer } from '../time/clock.ts'

/**
 * How long a stream that is not in use is kept. js-libp2p's kad-dht aborts a stream 10 s after the last message on it
 * (`rpc/index.ts`, `incomingMessageTimeout`), go's after 60 s: half of the shorter is safe on a slow machine.
 */
const IDLE_MS = 5000
/** Streams to one peer that are kept; further ones are closed as they are given back. */
const MAX_IDLE = 4

type Listener = (event: Event) => void
type OpenStream = (peer: PeerId, protocol: string, options?: object) => Promise<Stream>

interface Idle {
  readonly stream: Stream
  readonly since: number
}

export interface StreamPool {
  readonly openStream: OpenStream
  /** Closes what is idle; what is in use is closed as it is given back. */
  stop(): void
}

/**
 * Keeps streams for the next message to the same peer. kad-dht opens a stream for each message, which costs both ends a
 * protocol negotiation, twice the message's own work; every implementation answers many on one.
 *
 * What it hands out looks like a stream that was just opened. Closing it gives it back, where an answer came on it and
 * all of it was read; aborting it ends it.
 */
export function createStreamPool(components: { openStream: OpenStream; clock: Clock }): StreamPool {
  const { openStream, clock } = components
  const idle = new Map<string, Idle[]>()
  let sweep: Timer | null = null
  let stopped = false

  const take = (key: string): Stream | null => {
    const kept = idle.get(key) ?? []
    for (;;) {
      const last = kept.pop()
      if (kept.length === 0) idle.delete(key)
      if (last === undefined) return null
      if (clock.now() - last.since < IDLE_MS && isFresh(last.stream)) return last.stream
      close(last.stream)
    }
  }
  const giveBack = (key: string, stream: Stream): void => {
    const kept = idle.get(key) ?? []
    if (stopped || kept.length >= MAX_IDLE || !isFresh(stream)) {
      close(stream)
      return
    }
    kept.push({ stream, since: clock.now() })
    idle.set(key, kept)
    sweep ??= clock.setTimeout(closeOld, IDLE_MS)
  }
  const closeOld = (): void => {
    sweep = null
    for (const [key, kept] of idle) {
      const isYoung = ({ since }: Idle): boolean => clock.now() - since < IDLE_MS
      for (const each of kept) if (!isYoung(each)) close(each.stream)
      const young = kept.filter(isYoung)
      if (young.length === 0) idle.delete(key)
      else idle.set(key, young)
    }
    if (idle.size > 0) sweep = clock.setTimeout(closeOld, IDLE_MS)
  }

  return {
    async openStream(peer, protocol, options) {
      const key = `${peer.toString()} ${protocol}`
      const stream = take(key) ?? (await openStream(peer, protocol, options))
      return lend(stream, (answered) => (answered ? giveBack(key, stream) : close(stream)))
    },
    stop() {
      stopped = true
      if (sweep !== null) clock.clearTimeout(sweep)
      for (const kept of idle.values()) for (const { stream } of kept) close(stream)
      idle.clear()
    },
  }
}

/** Makes a kad-dht keep its streams, once, for its whole life. Nobody else's streams are touched. */
export function reuseStreams(kad: KadInternals, clock: Clock): StreamPool {
  const { network } = kad
  const { connectionManager } = network.components
  const pool = createStreamPool({
    openStream: connectionManager.openStream.bind(connectionManager),
    clock,
  })
  const pooled = Object.create(connectionManager, { openStream: { value: pool.openStream } })
  network.components = Object.create(network.components, { connectionManager: { value: pooled } })
  return pool
}

/**
 * A stream for one question and its answer. What is listened to on it ends when it is given back; else each user would
 * go on reading what is meant for the next.
 */
function lend(stream: Stream, release: (answered: boolean) => void): Stream {
  const target = stream as unknown as EventTarget
  const listening: [string, Listener][] = []
  let answered = false
  let lent = true
  const listen = (type: string, listener: Listener): void => {
    listening.push([type, listener])
    target.addEventListener(type, listener)
  }
  const end = (): boolean => {
    if (!lent) return false
    lent = false
    for (const [type, listener] of listening) target.removeEventListener(type, listener)
    return true
  }
  listen('message', () => {
    answered = true
  })
  const own: Record<PropertyKey, unknown> = {
    addEventListener: listen,
    close: async () => {
      if (end()) release(answered)
    },
    abort: (error: Error) => {
      end()
      stream.abort(error)
    },
  }
  return new Proxy(stream, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name]
      const value: unknown = Reflect.get(stream, name, stream)
      return typeof value === 'function' ? value.bind(stream) : value
    },
  })
}

/** True where a new question can be asked on the stream: open in both directions, and nothing unread. */
function isFresh(stream: Stream): boolean {
  const { status, writeStatus, remoteWriteStatus, readBufferLength } = stream
  return (
    status === 'open' &&
    writeStatus === 'writable' &&
    remoteWriteStatus === 'writable' &&
    readBufferLength === 0
  )
}

function close(stream: Stream): void {
  stream.close().catch((error: Error) => stream.abort(error))
}
