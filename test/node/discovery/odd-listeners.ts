import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A TCP listener on loopback that is no libp2p peer. */
export interface OddListener extends AsyncDisposable {
  /** Its multiaddr. */
  readonly address: string
}

/** Accepts and never says a word. */
export async function listenMute(): Promise<OddListener> {
  return listenOddly(() => {})
}

/** So many that accept and say nothing until somebody waits at each; then they end all connections. */
export async function listenUntilAllWait(
  count: number,
): Promise<AsyncDisposable & { addresses: string[] }> {
  await using started = new AsyncDisposableStack()
  const waiting = new Set<Socket>()
  const addresses: string[] = []
  for (let made = 0; made < count; made++) {
    const listener = await listenOddly((socket) => {
      waiting.add(socket)
      socket.once('close', () => waiting.delete(socket))
      if (waiting.size === count) for (const each of waiting) each.destroy()
    })
    addresses.push(started.use(listener).address)
  }
  const all = started.move()
  return { addresses, [Symbol.asyncDispose]: async () => all.disposeAsync() }
}

/** Accepts and ends the connection at once, as a peer does that has too many. */
export async function listenAndClose(): Promise<OddListener> {
  return listenOddly((socket) => socket.destroy())
}

/** Answers libp2p's greeting, a length and a line, with a line that no libp2p peer knows. */
export async function listenInGibberish(): Promise<OddListener> {
  return listenOddly((socket) => socket.write('\x06nope!\n'))
}

/** A port on loopback on which nobody listens. */
export async function closedAddress(): Promise<string> {
  await using listener = await listenMute()
  return listener.address
}

async function listenOddly(onSocket: (socket: Socket) => void): Promise<OddListener> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no port')
  return {
    address: `/ip4/127.0.0.1/tcp/${bound.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
