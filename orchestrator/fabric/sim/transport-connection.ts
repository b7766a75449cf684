import type {
  AbortOptions,
  Logger,
  MessageStreamDirection,
  MultiaddrConnection,
} from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TcpConnection } from './tcp-connection.ts'

/** The part of uint8arraylist's lists that is needed here. */
interface ByteList {
  readonly byteLength: number
  subarray(): Uint8Array
}

interface SimMultiaddrConnectionInit {
  connection: TcpConnection
  remoteAddr: Multiaddr
  direction: MessageStreamDirection
  log: Logger
}

/** A simulated TCP connection as libp2p's upgrader wants it. */
class SimMultiaddrConnection extends AbstractMultiaddrConnection {
  readonly #connection: TcpConnection
  readonly #closed = Promise.withResolvers<void>()

  constructor(init: SimMultiaddrConnectionInit) {
    super({ remoteAddr: init.remoteAddr, direction: init.direction, log: init.log })
    this.#connection = init.connection
    init.connection.handle({
      data: (chunk) => this.onData(chunk),
      drain: () => {
        this.safeDispatchEvent('drain')
      },
      // Nobody needs half-open connections here: who hears the end ends too.
      end: () => {
        init.connection.close()
        this.onTransportClosed()
      },
      close: (error) => {
        this.#closed.resolve()
        if (error === null) this.onTransportClosed()
        else this.abort(error)
      },
    })
  }

  override sendData(data: ByteList): SendResult {
    const canSendMore = this.#connection.write(data.subarray())
    return { sentBytes: data.byteLength, canSendMore }
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    const { signal } = options ?? {}
    signal?.throwIfAborted()
    const giveUp = (): void => this.#closed.reject(signal?.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      this.#connection.close()
      await this.#closed.promise
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  override sendReset(): void {
    this.#connection.reset()
  }

  override sendPause(): void {
    this.#connection.pause()
  }

  override sendResume(): void {
    this.#connection.resume()
  }
}

export function toMultiaddrConnection(init: SimMultiaddrConnectionInit): MultiaddrConnection {
  return new SimMultiaddrConnection(init)
}
