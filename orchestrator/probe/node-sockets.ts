import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'
import type { Endpoint, Sockets, TcpSocket, UdpSocket } from './probe-agent.ts'

/** The sockets of the machine, or the container, that this process runs on. */
export function createNodeSockets(): Sockets {
  return {
    connectTcp: async ({ localPort, to, timeoutMs, signal }) => {
      signal?.throwIfAborted()
      const socket = connect({
        host: to.address,
        port: to.port,
        family: 4,
        // The system lets several connections share a local port as long as nobody listens on it.
        ...(localPort === null ? {} : { localPort }),
      })
      // After an abort nobody else listens, and an error that nobody listens to ends the process.
      socket.on('error', () => {})
      const deadline = setTimeout(() => socket.destroy(timedOut(to)), timeoutMs)
      try {
        await once(socket, 'connect', signal === undefined ? {} : { signal })
      } catch (error) {
        socket.destroy()
        throw error
      } finally {
        clearTimeout(deadline)
      }
      return wrapTcp(socket)
    },

    listenTcp: async ({ port, onConnection }) => {
      const server = createServer((socket) => onConnection(wrapTcp(socket)))
      server.listen(port, '0.0.0.0')
      await once(server, 'listening')
      return {
        // The port is free at once; 'close' would wait for connections too, which are their owner's.
        [Symbol.asyncDispose]: () => {
          server.close()
          return Promise.resolve()
        },
      }
    },

    bindUdp: async ({ port, onMessage }) => {
      const socket = createSocket('udp4')
      const wrapped: UdpSocket = {
        // What cannot be sent is as lost as what is dropped on the way.
        send: (data, to) => socket.send(data, to.port, to.address, () => {}),
        [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
      }
      socket.on('message', (data, from) => {
        onMessage(data, { address: from.address, port: from.port }, wrapped)
      })
      socket.bind(port)
      await once(socket, 'listening')
      // A datagram that was refused is as lost as one that was dropped.
      socket.on('error', () => {})
      return wrapped
    },
  }
}

function wrapTcp(socket: Socket): TcpSocket {
  // A reset is a way to end for a probe's connection; 'close' follows it.
  if (socket.listenerCount('error') === 0) socket.on('error', () => {})
  socket.setNoDelay(true)
  return {
    local: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    remote: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
    send: (data) => void socket.write(data),
    // A socket holds what comes until somebody listens.
    onData: (listener) => void socket.on('data', listener),
    onClose: (listener) => void socket.on('close', listener),
    destroy: () => void socket.resetAndDestroy(),
  }
}

function timedOut(to: Endpoint): Error {
  return Object.assign(new Error(`connect ETIMEDOUT ${to.address}:${to.port}`), {
    code: 'ETIMEDOUT',
  })
}
