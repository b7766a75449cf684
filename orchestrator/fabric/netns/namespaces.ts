import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import { NamespaceCommandError, NamespacesUnavailableError } from './errors.ts'

/** Folder of a lab's own, in memory: rulesets, what nodes store, the names of network namespaces. */
export const LAB_FOLDER = '/run/kadlab'

/** Commands of administrators are not on everybody's path. */
export const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`

/**
 * The first process: it tells its process id outside, and ends when its standard input does. The kernel ends whatever
 * else is in its namespaces then, however this process here ends.
 */
const FIRST_PROCESS = [
  'set -eu',
  'mount -t tmpfs -o mode=755,size=1g kadlab /run',
  `mkdir /run/netns ${LAB_FOLDER}`,
  'ip link set lo up',
  'read -r pid _ < /proc/self/stat',
  'echo "$pid"',
  'exec cat > /dev/null',
].join('\n')

export interface Command {
  words: readonly string[]
  /** The network namespace of a host of the lab; null: the lab's first, where its bridges are. */
  host: string | null
  env?: Readonly<Record<string, string>>
}

/**
 * User, mount, process and network namespaces of a lab. No interface of the machine is in there, so nothing can leave; no
 * file of the machine's `/run` is seen. An ordinary user can make them where the kernel lets users have namespaces.
 */
export class Namespaces implements AsyncDisposable {
  /** The first process's id outside. */
  readonly pid: number
  readonly #first: ChildProcessWithoutNullStreams
  readonly #kinds: readonly string[]
  #ending: Promise<void> | null = null

  private constructor(
    first: ChildProcessWithoutNullStreams,
    pid: number,
    kinds: readonly string[],
  ) {
    this.#first = first
    this.pid = pid
    this.#kinds = kinds
  }

  /**
   * Makes namespaces with their first process.
   *
   * @throws NamespacesUnavailableError with what was said where they are not granted
   */
  static async start({ signal }: AbortOptions = {}): Promise<Namespaces> {
    try {
      return await begin(['--user', '--map-root-user'], ['--user'], signal)
    } catch (error) {
      // Root needs no user namespace, and some machines grant it none.
      if (!(error instanceof NamespacesUnavailableError) || process.getuid?.() !== 0) throw error
      return begin([], [], signal)
    }

    async function begin(
      making: readonly string[],
      kinds: readonly string[],
      ended: AbortSignal | undefined,
    ): Promise<Namespaces> {
      ended?.throwIfAborted()
      const options = [...making, '--mount', '--net', '--pid', '--fork', '--kill-child']
      const first = spawn('unshare', [...options, 'sh', '-c', FIRST_PROCESS], {
        env: { PATH },
        stdio: ['pipe', 'pipe', 'pipe'],
        // Ctrl-C at the terminal is the run's to handle.
        detached: true,
      })
      const said = text(first.stderr)
      const gone = once(first, 'close')
      first.stdin.on('error', () => {})
      const line = createInterface({ input: first.stdout })[Symbol.asyncIterator]().next()
      try {
        const { value } = await untilAborted(ended, Promise.race([line, noLineOf(first)]))
        if (typeof value === 'string') return new Namespaces(first, Number(value), kinds)
      } catch (error) {
        first.stdin.end()
        if (ended?.aborted === true) throw error
        throw new NamespacesUnavailableError(String(error), { cause: error })
      }
      first.stdin.end()
      await gone
      throw new NamespacesUnavailableError((await said).trim())
    }
  }

  /** Whether they are ended, or about to be. */
  get isEnding(): boolean {
    return this.#ending !== null
  }

  /** Starts a command. It is the first of a process group of its own: signals to that group reach it. */
  spawn({ words, host, env = {} }: Command): ChildProcessWithoutNullStreams {
    const inHost = host === null ? [] : ['nsenter', `--net=/run/netns/${host}`, '--']
    const kinds = [...this.#kinds, '--mount', '--pid', ...(host === null ? ['--net'] : [])]
    const enter = ['--target', String(this.pid), ...kinds, '--preserve-credentials', '--']
    return spawn('nsenter', [...enter, ...inHost, ...words], {
      env: { PATH, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
  }

  /**
   * Runs a command to its end; returns what it printed.
   *
   * @param input - all of its standard input
   * @throws NamespaceCommandError with what it said where it fails
   */
  async run(what: string, command: Command, input = ''): Promise<string> {
    const child = this.spawn(command)
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const [printed, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ])
    if (code !== 0) throw new NamespaceCommandError(what, said.trim())
    return printed
  }

  /**
   * Runs a script of the shell where the bridges are. It goes in by standard input: the script of a large lab is longer than
   * arguments may be.
   *
   * @throws NamespaceCommandError with what it said where it fails
   */
  async runScript(what: string, script: string): Promise<void> {
    await this.run(what, { words: ['sh'], host: null }, script)
  }

  /** Ends the first process, and with it everything that runs in the namespaces. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= (async () => {
      const gone = once(this.#first, 'close')
      if (this.#first.exitCode !== null || this.#first.signalCode !== null) return
      this.#first.stdin.end()
      await gone
    })()
    return this.#ending
  }
}

/** Rejects where the command cannot be started at all. */
function noLineOf(child: ChildProcessWithoutNullStreams): Promise<never> {
  return new Promise((_, reject) => child.once('error', reject))
}
