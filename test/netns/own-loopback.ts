import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DiagnosisSchema } from '#node/doctor/diagnosis-schema.ts'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { type LoopbackProgram, startLoopbackProgram } from './loopback-program.ts'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '../../node/main.ts')

const NAME_SERVER = join(import.meta.dirname, 'name-server.mjs')

/** Commands of a shell after which programs of its mount namespace ask 127.0.0.1 for names, and no file. */
const ASK_LOOPBACK = [
  'mount -t tmpfs none /mnt',
  "printf 'nameserver 127.0.0.1\\noptions timeout:1 attempts:1\\n' > /mnt/resolv.conf",
  ': > /mnt/hosts',
  'mount --bind /mnt/resolv.conf /etc/resolv.conf',
  'mount --bind /mnt/hosts /etc/hosts',
]

/** Words of `unshare` for a shell's script. */
const ALONE = ['--net', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c'] as const

export interface OwnLoopbackOptions {
  addresses?: readonly string[]
  zone?: Readonly<Record<string, readonly (readonly [string, string])[] | number>>
}

/** What the doctor said and how it ended. */
export interface Examined {
  status: number
  diagnosis: Diagnosis
}

/**
 * A network of its own in which there is nothing but loopback: programs that listen on every interface, and would call
 * others by themselves, meet nobody there. Its processes are counted by themselves too, and end with it.
 */
export class OwnLoopback implements AsyncDisposable {
  readonly #keeper: ReturnType<typeof spawn>
  readonly #enter: readonly [string, ...string[]]

  private constructor(keeper: ReturnType<typeof spawn>) {
    this.#keeper = keeper
    const of = `/proc/${keeper.pid}/ns`
    const spaces = [`--net=${of}/net`, `--mount=${of}/mnt`, `--pid=${of}/pid_for_children`]
    this.#enter = ['nsenter', ...spaces]
  }

  /**
   * @param options.addresses what loopback has beside its own, such as `11.0.0.5`
   * @param options.zone what a name server there knows, which every program there asks; see name-server.mjs
   */
  static async start({ addresses = [], zone }: OwnLoopbackOptions = {}): Promise<OwnLoopback> {
    const lines = ['ip link set lo up', ...addresses.map((one) => `ip address add ${one} dev lo`)]
    if (zone !== undefined) lines.push(...ASK_LOOPBACK)
    const last = zone === undefined ? 'echo up && exec cat' : 'exec "$0" "$1" "$2"'
    const script = [...lines, last].join(' && ')
    const keeper = spawn(
      'unshare',
      [...ALONE, script, process.execPath, NAME_SERVER, JSON.stringify(zone ?? {})],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(keeper.stdout, 'data')
    return new OwnLoopback(keeper)
  }

  /** Starts a program there whose first line is the multiaddr at which it listens. */
  async start(words: readonly string[], env: Record<string, string>): Promise<LoopbackProgram> {
    const PATH = process.env['PATH'] ?? ''
    return startLoopbackProgram([...this.#enter, ...words], {
      env: { PATH, ...env },
      stderr: 'ignore',
    })
  }

  /** What a command prints there. */
  async exec(words: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const [command, ...before] = this.#enter
    const PATH = process.env['PATH'] ?? ''
    const { stdout } = await run(command, [...before, ...words], { env: { PATH, ...env } })
    return stdout
  }

  /** Stops all that runs there, as SIGSTOP does. */
  async freeze(): Promise<void> {
    await this.exec(['sh', '-c', 'kill -STOP -1'])
  }

  /** Runs the doctor there, as a user does. */
  async doctor(address: string, words: readonly string[] = []): Promise<Examined> {
    const [command, ...before] = this.#enter
    const doctor = [process.execPath, MAIN, 'doctor', address, '--json', ...words]
    const child = spawn(command, [...before, ...doctor], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    const [status] = (await once(child, 'close')) as [number]
    const diagnosis = DiagnosisSchema.parse(JSON.parse(Buffer.concat(pieces).toString()))
    return { status, diagnosis }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#keeper, 'exit')
    this.#keeper.kill('SIGKILL')
    await ended
  }
}
