import type { NodeApi } from '#node/api/node-api.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import type { FabricEvent, LabNode, NodeStartOptions } from './fabric.ts'
import { type LabProcess, LAST_LINES } from './lab-process.ts'

/** A peer that speaks over its process's standard streams. Disposing of it leaves the streams alone. */
export type AttachedPeer = NodeApi & AsyncDisposable

/** Holds a program back until a line comes on its standard input: the first words of its command. */
export const GATE: readonly string[] = ['sh', '-c', 'read -r _ && exec "$@"', 'sh']

/** What a node that is a process is made of. */
export interface NodeProcess extends NodeStartOptions {
  name: string
  process: LabProcess
  /** What its process says, as a node. */
  api: AttachedPeer
  /** Makes the process run; where `when` is given, its command begins with `GATE`. Default: it runs. */
  begin?: () => Promise<void>
  /** What its command takes from its standard input before the program begins. */
  firstLine?: string
  onEvent: (event: FabricEvent) => void
}

/** A node that is a process, and what its lab needs of it beside its public face. */
export interface ProcessNode extends LabNode {
  /** Lets go of it and leaves it running. */
  detach(): Promise<void>
  /** Keeps it at hand; it no longer keeps this process from ending. */
  unref(): void
}

/**
 * Follows a node's process until it listens.
 *
 * @throws ProcessDiedError where it ends before, with its last log lines; it is removed then
 */
export async function runNode(parts: NodeProcess): Promise<ProcessNode> {
  const { process, onEvent, signal, when } = parts
  const running = new RunningNode(parts)
  try {
    const listening = running.follow(onEvent)
    await parts.begin?.()
    if (when !== undefined) {
      await untilAborted(signal, when)
      process.input.write('\n')
    }
    if (parts.firstLine !== undefined) process.input.write(`${parts.firstLine}\n`)
    const exit = await untilAborted(signal, Promise.race([listening, process.exit]))
    if (exit !== undefined) throw process.died(exit)
    running.tellExit(onEvent)
    return running
  } catch (error) {
    await running.kill()
    throw error
  }
}

class RunningNode implements ProcessNode {
  readonly name: string
  readonly api: AttachedPeer
  startedAtMs = 0
  listeningAtMs = 0
  readonly #process: LabProcess
  /** Set once it is ended, or let go of, on purpose. */
  #released = false
  #isPaused = false
  #stopping: Promise<void> | null = null

  constructor({ name, process, api }: NodeProcess) {
    this.name = name
    this.api = api
    this.#process = process
  }

  /** Hands its events on; resolves at the first address that it listens on. */
  follow(onEvent: (event: FabricEvent) => void): Promise<undefined> {
    const listening = Promise.withResolvers<undefined>()
    const pump = async (): Promise<void> => {
      for await (const event of this.api.events({ since: 0 })) {
        onEvent({ type: 'node-event', node: this.name, event })
        if (event.event === 'listening' && this.listeningAtMs === 0) {
          this.#stamp(event)
          listening.resolve(undefined)
        }
      }
    }
    pump().catch((error: unknown) => {
      listening.reject(error)
    })
    return listening.promise
  }

  /** From now on its end is news, unless it was asked for. */
  tellExit(onEvent: (event: FabricEvent) => void): void {
    const tell = async (): Promise<void> => {
      const { exitCode } = await this.#process.exit
      if (this.#released) return
      const lastLines = this.#process.logLines().slice(-LAST_LINES)
      onEvent({ type: 'node-exit', node: this.name, exitCode, lastLines })
    }
    void tell()
  }

  stop(): Promise<void> {
    return this.#end(async () => {
      // Who is paused hears nothing.
      await this.resume()
      await this.#process.stop()
    })
  }

  kill(): Promise<void> {
    return this.#end(() => this.#process.remove())
  }

  async pause(): Promise<void> {
    if (this.#isPaused) return
    this.#isPaused = true
    await this.#process.pause()
  }

  async resume(): Promise<void> {
    if (!this.#isPaused) return
    this.#isPaused = false
    await this.#process.resume()
  }

  async detach(): Promise<void> {
    this.#released = true
    this.#process.detach()
    await this.api[Symbol.asyncDispose]()
  }

  unref(): void {
    this.#process.unref()
  }

  log(): string {
    return this.#process
      .logLines()
      .map((line) => `${line}\n`)
      .join('')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #end(process: () => Promise<void>): Promise<void> {
    this.#released = true
    this.#stopping ??= (async () => {
      await process()
      await this.api[Symbol.asyncDispose]()
    })()
    return this.#stopping
  }

  /** The node's own clock tells when its process began: whoever started it answers after that, by an unknown time. */
  #stamp(event: NodeEvent): void {
    this.listeningAtMs = performance.now()
    this.startedAtMs = this.listeningAtMs - event.ms
  }
}
