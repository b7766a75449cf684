import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { takeEphemeralPort } from './ephemeral-port.ts'
import type { UdpDatagram } from './packet.ts'
import type { Random } from './random.ts'
import { SocketError } from './socket-error.ts'

export type DatagramHandler = (data: Uint8Array, from: Endpoint) => void

export interface UdpHost {
  readonly random: Random
  transmit(datagram: UdpDatagram): void
  sourceFor(destination: Endpoint): string
}

export interface SimUdpSocket {
  readonly port: number
  /** Sends a copy of `data`; where no route leads to `to`, nothing happens, as with a lost datagram. */
  send(data: Uint8Array, to: Endpoint): void
  /** Twice is fine. */
  close(): void
}

/** The UDP of one host. Sockets are bound to all of its addresses. */
export class UdpStack {
  readonly #host: UdpHost
  readonly #sockets = new Map<number, DatagramHandler>()

  constructor(host: UdpHost) {
    this.#host = host
  }

  /**
   * @param wanted - 0 takes a free one
   * @throws SocketError EADDRINUSE where the port is bound
   */
  bind(wanted: number, onMessage: DatagramHandler): SimUdpSocket {
    const port =
      wanted === 0
        ? takeEphemeralPort(this.#host.random, (free) => !this.#sockets.has(free))
        : wanted
    if (port === null) {
      throw new SocketError('bind', 'EADDRINUSE', { address: '0.0.0.0', port: wanted })
    }
    if (this.#sockets.has(port)) {
      throw new SocketError('bind', 'EADDRINUSE', { address: '0.0.0.0', port })
    }
    this.#sockets.set(port, onMessage)
    return {
      port,
      send: (data, to) => this.#send(port, data, to),
      close: () => {
        if (this.#sockets.get(port) === onMessage) this.#sockets.delete(port)
      },
    }
  }

  receive({ source, destination, payload }: UdpDatagram): void {
    this.#sockets.get(destination.port)?.(payload, source)
  }

  close(): void {
    this.#sockets.clear()
  }

  #send(port: number, data: Uint8Array, to: Endpoint): void {
    if (!this.#sockets.has(port)) return
    let address: string
    try {
      address = this.#host.sourceFor(to)
    } catch (error) {
      if (error instanceof SocketError) return
      throw error
    }
    const source = { address, port }
    // Not `slice`: a Buffer's shares its memory.
    const payload = new Uint8Array(data)
    this.#host.transmit({ protocol: 'udp', source, destination: to, payload })
  }
}
