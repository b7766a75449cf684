import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { Agent } from 'node:http'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { EngineUnavailableError } from './errors.ts'

export interface SshTarget {
  /** May be an alias of ssh's own configuration. */
  hostname: string
  /** Null: what ssh's configuration says. */
  port: number | null
  /** Empty: what ssh's configuration says. */
  username: string
}

/** The arguments of `ssh`, the same as the `docker` command gives it. */
export function sshArguments({ hostname, port, username }: SshTarget): string[] {
  return [
    '-o',
    'ConnectTimeout=30',
    '-T',
    ...(username === '' ? [] : ['-l', username]),
    ...(port === null ? [] : ['-p', String(port)]),
    '--',
    hostname,
    'docker system dial-stdio',
  ]
}

/**
 * Connections to an engine by the system's own `ssh`: its configuration, its keys, and above all its check of the host's
 * key. Each connection is a process; idle ones are used again.
 */
export function createSshAgent(
  target: SshTarget,
  env: Readonly<Record<string, string | undefined>>,
): Agent {
  const agent = new Agent({ keepAlive: true })
  agent.createConnection = () => new SshConnection(target, env)
  return agent
}

class SshConnection extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #said = ''

  constructor(target: SshTarget, env: Readonly<Record<string, string | undefined>>) {
    // HTTP ends neither side by itself.
    super({ allowHalfOpen: false })
    // Without a terminal nobody could answer its questions: it must fail, not wait.
    const child = spawn('ssh', sshArguments(target), { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stderr.on('data', (data: Buffer) => (this.#said = (this.#said + data).slice(-4000)))
    child.stdout.on('data', (data: Buffer) => {
      if (!this.push(data)) child.stdout.pause()
    })
    child.stdin.on('error', () => {})
    child.once('error', (error) => {
      // Without the cause: its code would be taken for the engine's socket.
      this.destroy(new EngineUnavailableError(`ssh cannot be started (${error.message})`))
    })
    child.once('close', (code) => {
      if (code === 0 || this.destroyed) this.push(null)
      else this.destroy(new EngineUnavailableError(lastLine(this.#said, code)))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill()
    done(error)
  }

  /** What HTTP asks of a socket and a pair of pipes has no use for. */
  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    this.#each((stream) => stream.ref?.())
    this.#child.ref()
    return this
  }

  unref(): this {
    this.#each((stream) => stream.unref?.())
    this.#child.unref()
    return this
  }

  #each(action: (stream: { ref?: () => void; unref?: () => void }) => void): void {
    const { stdin, stdout, stderr } = this.#child
    for (const stream of [stdin, stdout, stderr]) action(stream as { ref?: () => void })
  }
}

/** ssh says why in its last line. */
function lastLine(said: string, code: number | null): string {
  const line = said.trim().split('\n').at(-1)?.trim().replace(/\.$/, '')
  return `ssh ended with status ${code ?? 'unknown'}: ${line || 'it said nothing'}`
}
