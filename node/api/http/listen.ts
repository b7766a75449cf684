import { once } from 'node:events'
import { chmod, lstat, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { describeError } from '../../base/errors.ts'
import { type ApiAddress, shownAddress } from '../../config/values.ts'
import { ApiListenError } from '../errors.ts'

/**
 * Who may use a socket file: its owner and group. Without API_TOKEN the file's mode is the only lock.
 */
export const SOCKET_MODE = 0o660

export interface HttpFace extends AsyncDisposable {
  /** Where it listens: the path of the socket, or `host:port`. */
  readonly address: string
  /** Ends every connection; calls under way and event streams are given up. */
  stop(): Promise<void>
}

/**
 * Opens a server as a face that can be closed, twice too.
 *
 * @throws ApiListenError as `listen`
 */
export async function openFace(server: Server, address: ApiAddress): Promise<HttpFace> {
  const bound = await listen(server, address)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.once('close', () => resolve())
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { address: bound, stop, [Symbol.asyncDispose]: stop }
}

/**
 * Makes a server listen.
 *
 * @returns where it listens: the path of the socket, or `host:port` with the port that was given out.
 * @throws ApiListenError where the address cannot be used, with the reason: taken, no folder, no permission. A socket
 * file that a killed process left is replaced; one on which somebody answers, or a file that is no socket, is not.
 */
export async function listen(server: Server, address: ApiAddress): Promise<string> {
  const shown = shownAddress(address)
  try {
    if ('path' in address) await removeStaleSocket(address.path)
    const listening = once(server, 'listening')
    server.listen('path' in address ? { path: address.path } : address)
    await listening
    if ('path' in address) await chmod(address.path, SOCKET_MODE)
  } catch (cause) {
    server.close()
    throw new ApiListenError(
      `the API cannot listen on API_LISTEN=${shown}: ${describeError(cause)}`,
      { cause },
    )
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return shown
  return bound.family === 'IPv6'
    ? `[${bound.address}]:${bound.port}`
    : `${bound.address}:${bound.port}`
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (found === null) return
  if (!found.isSocket()) throw new ApiListenError(`${path} is there and is no socket: remove it`)
  if (await answers(path)) {
    throw new ApiListenError(`another process answers on ${path}: stop it, or choose another path`)
  }
  await unlink(path)
}

/** True where a process accepts connections on the socket. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    // Nobody listens. Any other failure (no permission) is no proof of that.
    const { code } = error as NodeJS.ErrnoException
    return code !== 'ECONNREFUSED' && code !== 'ENOENT'
  } finally {
    socket.destroy()
  }
}
