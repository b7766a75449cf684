import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import type { TcpSegment } from './packet.ts'
import type { Application } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import { SocketError } from './socket-error.ts'
import { ReceiveBuffer, receiveWindowBytes } from './tcp-receive.ts'
import { segmentBytes, SendBuffer, type SentSegment } from './tcp-send.ts'
import { RetransmissionTimer } from './tcp-timing.ts'

/** Linux's tcp_syn_retries and tcp_retries2. */
const maxSynRetries = 6
const maxRetries = 15
const delayedAckMs = 25
/** Unsent bytes above which `write` asks to wait for `drain`. */
const highWaterBytes = 64 * 1024

/** What a connection tells the application that holds it. */
export interface TcpHandlers {
  data?(chunk: Uint8Array): void
  /** The remote end has ended its direction. */
  end?(): void
  /** More can be written. */
  drain?(): void
  /** Nothing comes any more, once. With an error where the connection broke. */
  close?(error: SocketError | null): void
}

export interface TcpComponents {
  scheduler: Scheduler
  /** Who reads, and is told of what happens. */
  application: Application
  transmit(segment: TcpSegment): void
  /** The connection's endpoints are free again. */
  onGone(): void
}

type State = 'syn-sent' | 'syn-received' | 'open' | 'closed'

/**
 * One end of a TCP connection (RFC 9293), as much of it as peers and probes can tell apart: handshake (simultaneous
 * open too), ordered reliable bytes, flow control, half close, resets, retransmission. No congestion control: links
 * queue, and drop what they cannot queue. No TIME-WAIT.
 */
export class TcpConnection {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Settles when the connection is established, or has failed. */
  readonly opened: Promise<void>
  readonly #components: TcpComponents
  readonly #opening = Promise.withResolvers<void>()
  readonly #timer: RetransmissionTimer
  readonly #send: SendBuffer
  #receive: ReceiveBuffer | null = null
  #state: State = 'syn-sent'
  #handlers: TcpHandlers | null = null
  #paused = false
  /** Whether the application is going to read. */
  #readOwed = false
  #endTold = false
  #needsDrain = false
  #closeWhenSent = false
  #closeTold = false
  #closeError: SocketError | null = null
  /** Whether the application wants no more bytes. */
  #deaf = false
  #ackOwedBytes = 0
  #ackTimerSet = false
  #duplicateAcks = 0
  /** What was sent before this is sent again, one segment for each acknowledgement, after a loss. */
  #recoverUpTo = 0

  constructor(
    endpoints: { local: Endpoint; remote: Endpoint; initialSequence: number },
    components: TcpComponents,
  ) {
    this.local = endpoints.local
    this.remote = endpoints.remote
    this.#components = components
    this.#send = new SendBuffer(endpoints.initialSequence)
    this.#timer = new RetransmissionTimer(components.scheduler, () => this.#onTimeout())
    this.opened = this.#opening.promise
    // Whoever dials awaits it; an accepted connection may break before anybody does.
    this.opened.catch(() => undefined)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Active open. */
  connect(): void {
    this.#transmit(this.#send.takeSyn(this.#now()))
    this.#restartTimer()
  }

  /** Passive open, by the SYN that came. */
  accept(syn: TcpSegment): void {
    this.#state = 'syn-received'
    this.#receive = new ReceiveBuffer(syn.sequence + 1)
    this.#send.window = syn.window
    this.connect()
  }

  /** Takes over a connection; what came before is told at once. */
  handle(handlers: TcpHandlers): void {
    this.#handlers = handlers
    this.#deliver()
    if (this.#closeTold) this.#components.application.run(() => handlers.close?.(this.#closeError))
  }

  /** Sends a copy of `data`; false where the writer should wait for `drain`. */
  write(data: Uint8Array): boolean {
    if (this.#state === 'closed' || this.#send.ending) return false
    // Not `slice`: a Buffer's shares its memory.
    if (data.byteLength > 0) this.#send.write(new Uint8Array(data))
    this.#components.application.run(() => this.#flush())
    this.#needsDrain = this.#send.queuedBytes >= highWaterBytes
    return !this.#needsDrain
  }

  /** Ends this direction after all that was written; the other one stays open. */
  end(): void {
    if (this.#state === 'closed') return
    this.#send.end()
    this.#flush()
    this.#finishWhereDone()
  }

  /** Ends this direction after all that was written, and reads no more. `close` is told when all is sent. */
  close(): void {
    this.#closeWhenSent = true
    this.#deaf = true
    this.end()
    this.#tellCloseWhereSent()
  }

  /** Breaks the connection at once (RST). */
  reset(): void {
    if (this.#state === 'closed') return
    if (this.#state !== 'syn-sent') this.#transmitBare({ rst: true })
    this.#deaf = true
    this.#fail(null)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#deliver()
  }

  /** A router told that the remote end cannot be reached. Only an opening connection fails of it, as on Linux. */
  unreachable(code: 'EHOSTUNREACH' | 'ENETUNREACH'): void {
    if (this.#state === 'syn-sent') this.#fail(new SocketError('connect', code, this.remote))
  }

  receive(segment: TcpSegment): void {
    if (this.#state === 'closed') return
    if (segment.rst) return this.#onReset(segment)
    if (segment.syn) this.#onSyn(segment)
    if (segment.ack) this.#onAcknowledgement(segment)
    this.#onPayload(segment)
    this.#finishWhereDone()
  }

  #onReset(segment: TcpSegment): void {
    // A reset that answers something else than our SYN is stale.
    if (this.#state === 'syn-sent' && segment.acknowledged !== this.#send.next) return
    if (this.#state === 'syn-sent') {
      return this.#fail(new SocketError('connect', 'ECONNREFUSED', this.remote))
    }
    if (!this.#isDue(segment)) return
    // After our end was acknowledged, a reset only tells that the other side has forgotten the connection.
    this.#fail(this.#send.finished ? null : new SocketError('read', 'ECONNRESET'))
  }

  /**
   * Whether a reset is of this connection and not left over from an older one between the same endpoints. One that may
   * be is asked about: a peer without a connection answers with a reset that is due (RFC 5961 section 3.2).
   */
  #isDue({ sequence }: TcpSegment): boolean {
    const receive = this.#receive
    if (receive === null || sequence === receive.expected) return true
    if (sequence > receive.expected && sequence < receive.expected + receive.window) {
      this.#acknowledge()
    }
    return false
  }

  #onSyn(segment: TcpSegment): void {
    if (this.#receive !== null) {
      // Our answer to its SYN was lost.
      if (this.#state === 'open') this.#acknowledge()
      return
    }
    this.#receive = new ReceiveBuffer(segment.sequence + 1)
    if (segment.ack) {
      this.#ackOwedBytes = segmentBytes
    } else {
      // Simultaneous open: both have sent a SYN, each answers the other's.
      this.#state = 'syn-received'
      const syn = this.#send.inFlight[0]
      if (syn !== undefined) this.#transmit(syn)
    }
  }

  #onAcknowledgement(segment: TcpSegment): void {
    this.#send.window = segment.window
    const covered = this.#send.acknowledge(segment.acknowledged)
    const last = covered.at(-1)
    if (last === undefined) {
      this.#onDuplicate(segment)
    } else {
      this.#duplicateAcks = 0
      this.#timer.progressed()
      if (covered.every((sent) => !sent.repeated)) {
        this.#timer.measured(this.#now() - last.sentMs)
      }
      if (covered.some((sent) => sent.syn)) this.#onOpen()
      const lost = this.#send.inFlight[0]
      if (lost !== undefined && lost.end <= this.#recoverUpTo) this.#repeat(lost)
    }
    this.#flush()
    this.#restartTimer()
    if (this.#needsDrain && this.#send.queuedBytes === 0) {
      this.#needsDrain = false
      this.#components.application.run(() => this.#handlers?.drain?.())
    }
    this.#tellCloseWhereSent()
  }

  /** The third acknowledgement of one and the same byte means that a segment was lost (RFC 5681). */
  #onDuplicate(segment: TcpSegment): void {
    const lost = this.#send.inFlight[0]
    // Whoever answers probes of his shut window is alive, however long it stays shut (RFC 9293 section 3.8.6.1).
    if (lost === undefined) this.#timer.answered()
    const isBare = segment.payload.byteLength === 0 && !segment.fin && !segment.syn
    if (lost === undefined || !isBare || segment.acknowledged !== lost.sequence) return
    this.#duplicateAcks += 1
    if (this.#duplicateAcks !== 3) return
    this.#recoverUpTo = this.#send.next
    this.#repeat(lost)
  }

  #onOpen(): void {
    if (this.#state === 'open') return
    this.#state = 'open'
    if (this.#ackOwedBytes > 0) this.#acknowledge()
    this.#opening.resolve()
  }

  #onPayload(segment: TcpSegment): void {
    const receive = this.#receive
    if (receive === null || this.#state === 'closed') return
    const size = segment.payload.byteLength
    if (size === 0 && !segment.fin) {
      // A probe of a full window asks for an answer.
      if (segment.sequence < receive.expected && !segment.syn) this.#acknowledge()
      return
    }
    if (this.#deaf && size > 0) return this.reset()
    const isUseful = receive.accept(segment)
    this.#ackOwedBytes += Math.max(1, size)
    if (!isUseful || receive.ended || this.#ackOwedBytes >= 2 * segmentBytes) this.#acknowledge()
    else this.#acknowledgeLater()
    this.#deliver()
  }

  /** Lets the application read; one that is paused reads when it goes on. */
  #deliver(): void {
    if (this.#receive === null || this.#handlers === null || this.#readOwed) return
    const receive = this.#receive
    this.#readOwed = true
    this.#components.application.run(() => {
      this.#readOwed = false
      const wasShort = receive.window < receiveWindowBytes / 2
      this.#read(receive)
      if (wasShort && !this.#paused && this.#state === 'open') this.#acknowledge()
    })
  }

  #read(receive: ReceiveBuffer): void {
    while (this.#handlers !== null && !this.#paused && !this.#deaf) {
      const chunks = receive.read()
      if (chunks.length === 0) break
      for (const chunk of chunks) this.#handlers.data?.(chunk)
    }
    if (this.#handlers === null || this.#paused || !receive.ended || this.#endTold) return
    this.#endTold = true
    if (!this.#deaf) this.#handlers.end?.()
    this.#finishWhereDone()
  }

  #flush(): void {
    if (this.#state !== 'open') return
    for (;;) {
      const segment = this.#send.take(this.#now())
      if (segment === null) break
      this.#transmit(segment)
    }
    if (!this.#timer.isRunning) this.#restartTimer()
  }

  #acknowledge(): void {
    this.#transmitBare({})
  }

  #acknowledgeLater(): void {
    if (this.#ackTimerSet) return
    this.#ackTimerSet = true
    this.#components.scheduler.at(this.#now() + delayedAckMs, () => {
      this.#ackTimerSet = false
      if (this.#ackOwedBytes > 0 && this.#state === 'open') this.#acknowledge()
    })
  }

  #restartTimer(): void {
    if (this.#send.inFlight.length > 0 || this.#send.queuedBytes > 0) this.#timer.restart()
    else this.#timer.stop()
  }

  #onTimeout(): void {
    const isOpening = this.#state !== 'open'
    if (this.#timer.retries > (isOpening ? maxSynRetries : maxRetries)) {
      const syscall = isOpening ? 'connect' : 'read'
      return this.#fail(new SocketError(syscall, 'ETIMEDOUT', isOpening ? this.remote : undefined))
    }
    const first = this.#send.inFlight[0]
    if (first === undefined) {
      // The window is shut, and its opening may have been lost: an old sequence number makes the receiver answer.
      this.#transmitBare({ sequence: this.#send.next - 1 })
    } else {
      this.#recoverUpTo = this.#send.next
      this.#repeat(first)
    }
    this.#restartTimer()
  }

  #repeat(segment: SentSegment): void {
    segment.repeated = true
    this.#transmit(segment)
  }

  #transmit(segment: SentSegment): void {
    const { payload, syn, fin, sequence } = segment
    this.#transmitBare({ payload, syn, fin, sequence })
  }

  #transmitBare(what: Partial<TcpSegment>): void {
    this.#ackOwedBytes = 0
    this.#components.transmit({
      protocol: 'tcp',
      source: this.local,
      destination: this.remote,
      syn: what.syn ?? false,
      ack: this.#receive !== null,
      fin: what.fin ?? false,
      rst: what.rst ?? false,
      sequence: what.sequence ?? this.#send.next,
      acknowledged: this.#receive?.expected ?? 0,
      window: this.#receive?.window ?? receiveWindowBytes,
      payload: what.payload ?? new Uint8Array(),
    })
  }

  #tellCloseWhereSent(): void {
    if (this.#closeWhenSent && this.#send.endSent) this.#tellClose(null)
  }

  #finishWhereDone(): void {
    if (this.#state === 'closed' || !this.#send.finished || this.#receive?.ended !== true) return
    // Bytes that the application has not read yet still hold the connection.
    if (!this.#endTold && !this.#deaf) return
    this.#gone(null)
  }

  #fail(error: SocketError | null): void {
    this.#opening.reject(error ?? new SocketError('connect', 'ECONNRESET', this.remote))
    this.#gone(error)
  }

  #gone(error: SocketError | null): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#timer.stop()
    this.#components.onGone()
    this.#tellClose(error)
  }

  #tellClose(error: SocketError | null): void {
    if (this.#closeTold) return
    this.#closeTold = true
    this.#closeError = error
    const handlers = this.#handlers
    if (handlers !== null) this.#components.application.run(() => handlers.close?.(error))
  }

  #now(): number {
    return this.#components.scheduler.now()
  }
}
