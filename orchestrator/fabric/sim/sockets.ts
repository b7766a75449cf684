import { eitherSignal } from '#node/time/deadline.ts'
import type { Endpoint, Sockets, TcpSocket } from '#orchestrator/probe/probe-agent.ts'
import type { SimHost } from './host.ts'
import { anyAddress } from './ipv4.ts'
import { SocketError } from './socket-error.ts'
import type { TcpConnection } from './tcp-connection.ts'

/** Sockets of a simulated host for a probe's agent. */
export function createSimSockets(host: SimHost): Sockets {
  return {
    connectTcp: async ({ localPort, to, timeoutMs, signal }) => {
      const patience = new AbortController()
      const { scheduler } = host
      scheduler.at(scheduler.now() + timeoutMs, () => patience.abort())
      try {
        const connection = await host.tcp.connect({
          localPort,
          to,
          signal: eitherSignal(signal, patience.signal),
        })
        return toTcpSocket(connection)
      } catch (error) {
        signal?.throwIfAborted()
        if (patience.signal.aborted) throw timedOut(to, error)
        throw error
      }
    },
    listenTcp: async ({ port, onConnection }) => {
      const listener = host.tcp.listen({
        address: anyAddress,
        port,
        onConnection: (connection) => onConnection(toTcpSocket(connection)),
      })
      return {
        [Symbol.asyncDispose]: async () => listener.close(),
      }
    },
    bindUdp: async ({ port, onMessage }) => {
      const bound = host.udp.bind(port, (data, from) => onMessage(data, from, socket))
      const socket = {
        send: (data: Uint8Array, to: Endpoint) => bound.send(data, to),
        [Symbol.asyncDispose]: async () => bound.close(),
      }
      return socket
    },
  }
}

function timedOut(to: Endpoint, cause: unknown): SocketError {
  const error = new SocketError('connect', 'ETIMEDOUT', to)
  error.cause = cause
  return error
}

function toTcpSocket(connection: TcpConnection): TcpSocket {
  const waiting: Uint8Array[] = []
  const dataListeners: ((data: Uint8Array) => void)[] = []
  const closeListeners: (() => void)[] = []
  let isClosed = false
  const onClosed = (): void => {
    if (isClosed) return
    isClosed = true
    for (const listener of closeListeners) listener()
  }
  connection.handle({
    data: (chunk) => {
      if (dataListeners.length === 0) waiting.push(chunk)
      for (const listener of dataListeners) listener(chunk)
    },
    // As Node without allowHalfOpen: who hears the end ends too.
    end: () => connection.close(),
    close: onClosed,
  })
  return {
    local: connection.local,
    remote: connection.remote,
    send: (data) => {
      connection.write(data)
    },
    onData: (listener) => {
      dataListeners.push(listener)
      for (const chunk of waiting.splice(0)) listener(chunk)
    },
    onClose: (listener) => {
      closeListeners.push(listener)
      if (isClosed) listener()
    },
    destroy: () => connection.reset(),
  }
}
