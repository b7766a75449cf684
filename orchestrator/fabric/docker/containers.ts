import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { Container, ContainerCreateOptions } from 'dockerode'
import { attachStreams } from './attach.ts'
import type { Engine } from './engine.ts'
import { ContainerDiedError } from './errors.ts'
import { isGone, refused } from './refusals.ts'

/** How many log lines an error about a dead container shows. */
export const LAST_LINES = 15

/** How long a container that is told to end may take before it is killed, in seconds. */
const GRACE_S = 5

export interface ContainerExit {
  /** Null where the engine could not tell. */
  exitCode: number | null
}

/** A container whose standard streams are attached to this process. */
export interface AttachedContainer extends AsyncDisposable {
  /** Name in the plan. */
  readonly title: string
  readonly id: string
  readonly output: Readable
  readonly input: Writable
  /** Resolves when its process has ended, or the container is gone. Never rejects. */
  readonly exit: Promise<ContainerExit>
  /** Starts the process. */
  start(): Promise<void>
  /** Every line of its standard error so far. */
  logLines(): readonly string[]
  /** The error that says how it ended. */
  died(exit: ContainerExit): ContainerDiedError
  /** Ends the process as an operator would (SIGTERM, and SIGKILL after 5 s), and removes the container. */
  stop(): Promise<void>
  /** Removes the container at once. Twice does no harm. */
  remove(): Promise<void>
  /** Lets go of the streams and leaves the container as it is. */
  detach(): void
  /** Keeps the streams, which no longer keep this process from ending. */
  unref(): void
}

export interface ContainerRequest {
  title: string
  /** With `name`. Streams, logging and health check are set here. */
  options: ContainerCreateOptions & { name: string }
  onLogLine?: (line: string) => void
}

/** What is the same for every container of a lab. */
const COMMON = {
  OpenStdin: true,
  StdinOnce: false,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  // Its events say more, and a check starts a process each time.
  Healthcheck: { Test: ['NONE'] },
} satisfies ContainerCreateOptions

const COMMON_HOST = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  ReadonlyRootfs: true,
  // The engine's own resolver asks the host's name servers for what it does not know: a way out of the lab.
  Dns: ['127.0.0.1'],
  LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
}

/** A container's request with what all of a lab have in common. */
export function wholeRequest(options: ContainerRequest['options']): ContainerCreateOptions {
  return { ...COMMON, ...options, HostConfig: { ...COMMON_HOST, ...options.HostConfig } }
}

/**
 * Creates a container and attaches to it, so that nothing is lost of what it says once it is started.
 *
 * @throws EngineRefusedError
 */
export async function createAttached(
  { docker }: Engine,
  request: ContainerRequest,
): Promise<AttachedContainer> {
  const { title, options } = request
  const container = await docker.createContainer(wholeRequest(options)).catch((error: unknown) => {
    throw refused(`the container \`${title}\``, error)
  })
  try {
    const stream = await attachStreams(docker, container.id)
    return new Attached(container, stream, request)
  } catch (error) {
    await container.remove({ force: true, v: true }).catch(() => {})
    throw refused(`the container \`${title}\``, error)
  }
}

class Attached implements AttachedContainer {
  readonly title: string
  readonly output = new PassThrough()
  readonly input: Writable
  readonly exit: Promise<ContainerExit>
  readonly #container: Container
  readonly #stream: Socket
  readonly #log: string[] = []
  #removal: Promise<void> | null = null

  constructor(container: Container, stream: Socket, { title, onLogLine }: ContainerRequest) {
    this.title = title
    this.#container = container
    this.#stream = stream
    this.input = stream
    const errors = new PassThrough()
    container.modem.demuxStream(stream, this.output, errors)
    const lines = createInterface({ input: errors })
    lines.on('line', (line) => {
      this.#log.push(line)
      onLogLine?.(line)
    })
    const logged = new Promise<void>((resolve) => lines.once('close', resolve))
    const ended = new Promise<void>((resolve) => {
      stream.once('close', () => {
        this.output.end()
        errors.end()
        resolve()
      })
    })
    // A broken connection to the engine shows as the end of the stream; there is nobody else to tell.
    stream.on('error', () => {})
    stream.once('end', () => stream.end())
    this.exit = ended.then(async () => {
      await logged
      return { exitCode: await this.#exitCode() }
    })
  }

  get id(): string {
    return this.#container.id
  }

  async start(): Promise<void> {
    try {
      await this.#container.start()
    } catch (error) {
      throw refused(`the container \`${this.title}\``, error)
    }
  }

  logLines(): readonly string[] {
    return this.#log
  }

  died({ exitCode }: ContainerExit): ContainerDiedError {
    return new ContainerDiedError(this.title, exitCode, this.#log.slice(-LAST_LINES))
  }

  async stop(): Promise<void> {
    if (this.#removal === null) {
      await this.#container.stop({ t: GRACE_S }).catch((error: unknown) => {
        // 304: it has ended already.
        if (!isGone(error) && (error as { statusCode?: number }).statusCode !== 304) throw error
      })
    }
    await this.remove()
  }

  remove(): Promise<void> {
    this.#removal ??= this.#container
      .remove({ force: true, v: true })
      .catch((error: unknown) => {
        if (!isGone(error)) throw error
      })
      .finally(() => this.#stream.destroy())
    return this.#removal
  }

  detach(): void {
    this.#stream.destroy()
  }

  unref(): void {
    this.#stream.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove()
  }

  async #exitCode(): Promise<number | null> {
    try {
      const { State } = await this.#container.inspect()
      return State.Running ? null : State.ExitCode
    } catch {
      return null
    }
  }
}
