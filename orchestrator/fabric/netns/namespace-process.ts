import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { ProcessDiedError } from '../errors.ts'
import { type LabProcess, LAST_LINES, type ProcessExit } from '../lab-process.ts'

/** How long a process that is told to end may take before it is killed. */
const GRACE_MS = 5000
/** How often one that should end is woken, in case it is stopped. */
const WAKE_MS = 100

/** A process of a lab in namespaces, and the process group that it leads. */
export class NamespaceProcess implements LabProcess {
  readonly title: string
  readonly output: Readable = new PassThrough()
  readonly input: Writable
  readonly exit: Promise<ProcessExit>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #log: string[] = []
  #ended = false

  /**
   * @param child - who leads a process group
   * @param host - where it runs, which is removed when it has ended
   * @param onLogLine - told of each line of its standard error
   */
  constructor(
    title: string,
    child: ChildProcessWithoutNullStreams,
    host: AsyncDisposable,
    onLogLine: (line: string) => void = () => undefined,
  ) {
    this.title = title
    this.input = child.stdin
    this.#child = child
    child.stdout.pipe(this.output as PassThrough)
    // Whoever writes to a process that has ended learns of it by its exit.
    child.stdin.on('error', () => {})
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#log.push(line)
      onLogLine(line)
    })
    const ended = new Promise<number | null>((resolve) => {
      // What enters the namespaces may end before what runs there: its streams end with the last of them.
      child.once('close', resolve)
      child.once('error', (error) => {
        this.#log.push(error.message)
        resolve(null)
      })
    })
    this.exit = ended.then(async (exitCode) => {
      this.#ended = true
      try {
        await host[Symbol.asyncDispose]()
      } catch (error) {
        // It ends with the lab, then.
        this.#log.push(String(error))
      }
      return { exitCode }
    })
  }

  logLines(): readonly string[] {
    return this.#log
  }

  died({ exitCode }: ProcessExit): ProcessDiedError {
    return new ProcessDiedError(this.title, exitCode, this.#log.slice(-LAST_LINES))
  }

  async stop(): Promise<void> {
    this.#signal('SIGTERM')
    const timer = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS)
    await this.#awake()
    clearTimeout(timer)
  }

  async pause(): Promise<void> {
    this.#signalAll('SIGSTOP')
  }

  async resume(): Promise<void> {
    this.#signalAll('SIGCONT')
  }

  async remove(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#awake()
  }

  /**
   * Resolves at its exit. Who is paused buries nobody; and what entered the namespaces may read only now that its child was
   * stopped, and stop itself once more: so it is woken until it ends.
   */
  async #awake(): Promise<void> {
    this.#wake()
    await this.exit
  }

  /** Until what entered the namespaces has ended, which holds nobody up. */
  #wake(): void {
    if (this.#ended) return
    this.#signalAll('SIGCONT')
    const timer = setInterval(() => this.#signalAll('SIGCONT'), WAKE_MS).unref()
    this.#child.once('close', () => clearInterval(timer))
  }

  detach(): void {
    // A lab that ends takes what is paused along, and leaves nobody behind who waits for it.
    this.#wake()
    this.#child.stdin.destroy()
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  unref(): void {
    this.#child.unref()
  }

  /**
   * Signals what runs in the namespaces, and leaves alone what entered them: that waits for its child, which nobody would
   * bury at once otherwise, and the namespaces last as long as their dead do.
   */
  #signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child
    if (this.#ended || pid === undefined) return
    const inside = childrenOf(pid)
    for (const each of inside.length > 0 ? inside : [-pid]) send(each, name)
  }

  /** Signals what entered the namespaces too: it stops where its child does, and would not go on with it. */
  #signalAll(name: 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.#child
    if (!this.#ended && pid !== undefined) send(-pid, name)
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Process ids of the children of a process; none where it has none, or the kernel does not tell. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text
      .split(' ')
      .filter((each) => each.trim() !== '')
      .map(Number)
  } catch {
    return []
  }
}
