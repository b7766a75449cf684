import { KadlabError } from '#node/base/errors.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'

/** The codes that the simulated sockets fail with: Node's. */
export type SocketErrorCode =
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENOTFOUND'
  | 'ETIMEDOUT'

/** A system call of a simulated socket failed, told as Node tells it. */
export class SocketError extends KadlabError {
  static override readonly name = 'SocketError'
  readonly code: SocketErrorCode
  readonly syscall: string
  readonly address: string | undefined
  readonly port: number | undefined

  constructor(syscall: string, code: SocketErrorCode, endpoint?: Endpoint) {
    super(`${syscall} ${code}${endpoint ? ` ${endpoint.address}:${endpoint.port}` : ''}`)
    this.code = code
    this.syscall = syscall
    this.address = endpoint?.address
    this.port = endpoint?.port
  }
}
