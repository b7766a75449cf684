import { connect, createServer, type Socket } from 'node:net'

/** A way to an engine that the test can cut: for who takes it the engine has left, and for all others it is there. */
export interface Relay extends AsyncDisposable {
  /** As a file of engines names it. */
  readonly name: string
  /** Ends what is under way, and refuses whatever comes. Twice is fine. */
  cut(): Promise<void>
}

/**
 * Stands between this machine and an engine at a socket of this machine, or at a TCP port.
 *
 * @param engine - its address: `unix://` or `tcp://`
 * @param path - of the socket that is made
 */
export async function relayTo(engine: string, path: string): Promise<Relay> {
  const { protocol, pathname, hostname, port } = new URL(engine)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far =
      protocol === 'unix:'
        ? connect({ path: pathname, allowHalfOpen: true })
        : connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      // Who is cut off needs not be told by an error of its own.
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(path, listening.resolve)
  await listening.promise
  let closed: Promise<void> | null = null
  const cut = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
    return closed
  }
  return { name: `unix://${path}`, cut, [Symbol.asyncDispose]: cut }
}
