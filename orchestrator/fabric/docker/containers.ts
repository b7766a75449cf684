import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PassThrough, type Writable } from 'node:stream'
import type { Container, ContainerCreateOptions } from 'dockerode'
import { type LabProcess, LAST_LINES, type ProcessExit } from '../lab-process.ts'
import { attachStreams } from './attach.ts'
import type { Engine } from './engine.ts'
import { ContainerDiedError } from './errors.ts'
import { isGone, refused } from './refusals.ts'

/** How long a container that is told to end may take before it is killed, in seconds. */
const GRACE_S = 5

/** A container whose standard streams are attached to this process. */
export interface AttachedContainer extends LabProcess, AsyncDisposable {
  readonly id: string
  /** Starts the process. */
  start(): Promise<void>
  /** Gives it another name at the engine, which must be free. */
  rename(name: string): Promise<void>
  died(exit: ProcessExit): ContainerDiedError
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
  { docker, inTurn = atOnce }: Engine,
  request: ContainerRequest,
): Promise<AttachedContainer> {
  const { title, options } = request
  // Who joins another's namespace joins no network.
  const joins = options.HostConfig?.NetworkMode?.startsWith('container:') !== true
  const turn = joins ? inTurn : atOnce
  const create = (): Promise<Container> => docker.createContainer(wholeRequest(options))
  const container = await turn(create).catch((error: unknown) => {
    throw refused(`the container \`${title}\``, error)
  })
  try {
    const stream = await attachStreams(docker, container.id)
    return new Attached(container, stream, request, turn)
  } catch (error) {
    await container.remove({ force: true, v: true }).catch(() => {})
    throw refused(`the container \`${title}\``, error)
  }
}

type Turn = NonNullable<Engine['inTurn']>

const atOnce: Turn = (task) => task()

class Attached implements AttachedContainer {
  readonly title: string
  readonly output = new PassThrough()
  readonly input: Writable
  readonly exit: Promise<ProcessExit>
  readonly #container: Container
  readonly #stream: Socket
  readonly #log: string[] = []
  readonly #turn: Turn
  #removal: Promise<void> | null = null

  constructor(
    container: Container,
    stream: Socket,
    { title, onLogLine }: ContainerRequest,
    turn: Turn,
  ) {
    this.#turn = turn
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
      await this.#turn(() => this.#container.start())
    } catch (error) {
      throw refused(`the container \`${this.title}\``, error)
    }
  }

  async rename(name: string): Promise<void> {
    try {
      await this.#container.rename({ name })
    } catch (error) {
      throw refused(`the name of the container \`${this.title}\``, error)
    }
  }

  logLines(): readonly string[] {
    return this.#log
  }

  died({ exitCode }: ProcessExit): ContainerDiedError {
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

  async pause(): Promise<void> {
    try {
      await this.#container.pause()
    } catch (error) {
      throw refused(`to pause the container \`${this.title}\``, error)
    }
  }

  async resume(): Promise<void> {
    try {
      await this.#container.unpause()
    } catch (error) {
      if (!isGone(error)) throw refused(`to resume the container \`${this.title}\``, error)
    }
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
