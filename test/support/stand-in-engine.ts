import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a stand-in answers: a status and a JSON body, or `'silence'`: it takes the call and never answers. */
export type StandInAnswer = { status: number; body: unknown } | 'silence'

/** A Docker engine that is none: a small HTTP server on a socket of its own. */
export interface StandInEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string
  /** Method and path of every call, without the API's version and the query. */
  readonly calls: string[]
  /** Resolves once a call came. */
  called(call: string): Promise<void>
  /** What comes for `METHOD /path` from now on; the longest path that fits counts. */
  answer(call: string, answer: StandInAnswer): void
}

const VERSION = { Version: '26.1.5', ApiVersion: '1.45', Os: 'linux', Arch: 'amd64' }
const EMPTY: StandInAnswer = { status: 200, body: [] }

/** Starts one that has nothing and answers everything with an empty list, but its version. */
export async function startStandInEngine(): Promise<StandInEngine> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-engine-'))
  const calls: string[] = []
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const answers = new Map<string, StandInAnswer>([
    ['GET /version', { status: 200, body: VERSION }],
    ['GET /volumes', { status: 200, body: { Volumes: [] } }],
  ])
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '').split('?', 1)[0]
    const call = `${request.method} ${path}`
    calls.push(call)
    waiting.get(call)?.resolve()
    request.resume()
    const [key] = [...answers.keys()]
      .filter((each) => call.startsWith(each))
      .toSorted((one, other) => other.length - one.length)
    const answer = key === undefined ? EMPTY : (answers.get(key) ?? EMPTY)
    if (answer === 'silence') return
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body))
  }
  const server = createServer(serve)
  const socket = join(folder.path, 'docker.sock')
  server.listen(socket)
  await once(server, 'listening')
  return {
    host: `unix://${socket}`,
    calls,
    async called(call) {
      if (calls.includes(call)) return
      const known = waiting.get(call) ?? Promise.withResolvers<void>()
      waiting.set(call, known)
      await known.promise
    },
    answer: (call, answer) => void answers.set(call, answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close').catch(() => {})
      await folder.remove()
    },
  }
}
