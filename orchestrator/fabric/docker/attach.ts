import type { Socket } from 'node:net'
import type Docker from 'dockerode'

interface Modem {
  dial(
    options: Record<string, unknown>,
    callback: (error: Error | null, stream: Socket) => void,
  ): void
}

const STREAMS = { stream: true, stdin: true, stdout: true, stderr: true }

/**
 * Attaches to a container's standard streams: a duplex socket, both outputs framed in one. The request has no body, as
 * the engine's API says: one that is sent with it may land in the container's standard input.
 */
export function attachStreams(docker: Docker, id: string): Promise<Socket> {
  const modem = docker.modem as unknown as Modem
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        path: `/containers/${id}/attach?`,
        method: 'POST',
        isStream: true,
        hijack: true,
        openStdin: false,
        // An empty body of known length: without one the client library announces a body in chunks.
        file: Buffer.alloc(0),
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: { _query: STREAMS },
      },
      (error, stream) => {
        if (error === null) resolve(stream)
        else reject(error)
      },
    )
  })
}
