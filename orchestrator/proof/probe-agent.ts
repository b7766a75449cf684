import type { Protocol } from '#orchestrator/topology/nat.ts'

/** An IPv4 address and a port. */
export interface Endpoint {
  address: string
  port: number
}

export interface AgentCallOptions {
  signal?: AbortSignal
}

/**
 * A small program that a NAT proof puts on both sides of a router. It does what it is told and reports what it saw;
 * it judges nothing. Called directly in the sim, as JSON lines over standard input and output in containers.
 */
export interface ProbeAgent {
  /**
   * Listens on each of `ports`, TCP and UDP, and tells whoever comes the address that it came from.
   */
  reflect(ports: number[], options?: AgentCallOptions): Promise<void>
  /**
   * Reaches each reflector from one and the same local port, and keeps the connections (TCP) or the socket (UDP).
   * Then listens on that port, for `knock`s of others. Null where no answer came within `timeoutMs`.
   */
  open(request: OpenRequest, options?: AgentCallOptions): Promise<(Endpoint | null)[]>
  /**
   * Reaches `to` unasked, from the reflecting port `fromPort` (UDP), or for TCP from `fromPort` where that can be, and tells whether
   * an answer came within `timeoutMs`.
   */
  knock(request: KnockRequest, options?: AgentCallOptions): Promise<KnockOutcome>
  /** Closes whatever `open` and `reflect` hold. */
  reset(options?: AgentCallOptions): Promise<void>
}

export interface OpenRequest {
  protocol: Protocol
  localPort: number
  to: Endpoint[]
  timeoutMs: number
}

export interface KnockRequest {
  protocol: Protocol
  fromPort: number
  to: Endpoint
  timeoutMs: number
}

export interface KnockOutcome {
  arrived: boolean
  /** Where the knock came from, as the one who was knocked at saw it; null where it did not arrive. */
  seenFrom: Endpoint | null
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
    signal?: AbortSignal
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
