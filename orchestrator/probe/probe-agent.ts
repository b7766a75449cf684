import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Protocol } from '#orchestrator/net/nat.ts'

/** An IPv4 address and a port. */
export interface Endpoint {
  address: string
  port: number
}

/**
 * A small program that a NAT proof puts on both sides of a router. It does what it is told and reports what it saw;
 * it judges nothing. Called directly in the sim, as JSON lines over standard input and output in containers.
 *
 * Every socket of an agent tells whoever says hello on it the address that the hello came from.
 */
export interface ProbeAgent {
  /** Listens on each of `ports`, TCP and UDP. */
  reflect(ports: number[], options?: AbortOptions): Promise<void>
  /**
   * Says hello to each of `to` from one and the same local port, and keeps the connections (TCP) or the socket (UDP).
   * Then listens on that port where it is told to: a TCP port that is listened on cannot be dialled from any more.
   *
   * @returns the address that each one saw; null where no answer came within `timeoutMs`.
   */
  open(request: OpenRequest, options?: AbortOptions): Promise<(Endpoint | null)[]>
  /**
   * Says hello to `to`, which did not ask for it.
   *
   * @returns the address that it was seen from; null where no answer came within `timeoutMs`.
   */
  knock(request: KnockRequest, options?: AbortOptions): Promise<Endpoint | null>
  /** Closes whatever the other calls hold. */
  reset(options?: AbortOptions): Promise<void>
}

export interface OpenRequest {
  protocol: Protocol
  localPort: number
  to: Endpoint[]
  /** TCP only: whether the port is listened on afterwards. A UDP socket always hears. */
  listen: boolean
  timeoutMs: number
}

export interface KnockRequest {
  protocol: Protocol
  /**
   * Null: any. For UDP a port of `reflect` or `open` is used as it is, another is bound for good. For TCP it must not be
   * listened on.
   */
  fromPort: number | null
  to: Endpoint
  timeoutMs: number
}

/**
 * Sockets as an agent needs them. `node:net` and `node:dgram` behind it in a container, a simulated host in the sim.
 * Errors carry Node's codes: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EADDRINUSE.
 */
export interface Sockets {
  connectTcp(request: {
    localPort: number | null
    to: Endpoint
    timeoutMs: number
    signal?: AbortSignal | undefined
  }): Promise<TcpSocket>
  listenTcp(request: {
    port: number
    onConnection: (socket: TcpSocket) => void
  }): Promise<AsyncDisposable>
  bindUdp(request: {
    port: number
    onMessage: (data: Uint8Array, from: Endpoint, socket: UdpSocket) => void
  }): Promise<UdpSocket>
}

export interface TcpSocket {
  readonly local: Endpoint
  readonly remote: Endpoint
  send(data: Uint8Array): void
  /** Called for each chunk that arrives; chunks that came before are given at once. */
  onData(listener: (data: Uint8Array) => void): void
  onClose(listener: () => void): void
  /** Ends both directions at once (RST where the system can). */
  destroy(): void
}

export interface UdpSocket extends AsyncDisposable {
  send(data: Uint8Array, to: Endpoint): void
}
