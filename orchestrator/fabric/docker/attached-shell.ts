import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { CommandFailedError } from './errors.ts'

/** What marks the shell's own lines among those of its commands. */
const MARK = 'kadlab:'

/**
 * POSIX shell lines that end a container's script: they run the commands that come on standard input, one after the
 * other. An answer is the marked number of the command, what it printed, and the marked number with its exit status.
 * Where standard input ends, the container stays up.
 */
export const SERVE_COMMANDS = [
  'while read -r id command; do',
  `  echo "${MARK} $id"`,
  '  (eval "$command") 2>&1 </dev/null && status=0 || status=$?',
  `  printf '\\n${MARK} %s %s\\n' "$id" "$status"`,
  'done',
  'exec sleep infinity',
].join('\n')

/** The other end of `SERVE_COMMANDS`. */
export interface AttachedShell {
  /**
   * Runs a command to its end; returns what it printed, on either stream. Commands run in the order of their calls.
   *
   * @param command - words without line breaks
   * @throws CommandFailedError
   */
  run(command: readonly string[]): Promise<string>
}

interface Running {
  id: string
  output: string[]
  resolve: (printed: string) => void
  reject: (error: Error) => void
  command: string
}

/**
 * Runs commands over the attached streams of a container whose script ends with `SERVE_COMMANDS`: milliseconds, where an
 * exec through the engine takes fifty to a hundred.
 *
 * @param onLine - told of every line that belongs to no command
 */
export function createAttachedShell(
  output: Readable,
  input: Writable,
  onLine: (line: string) => void,
): AttachedShell {
  const waiting: Running[] = []
  let running: Running | null = null
  let count = 0
  let ended = false

  const lines = createInterface({ input: output })
  lines.on('line', (line) => {
    const [mark, id, status] = line.split(' ')
    const [next] = waiting
    if (running === null) {
      if (mark === MARK && next !== undefined && id === next.id) running = waiting.shift() ?? null
      else onLine(line)
    } else if (mark === MARK && id === running.id && status !== undefined) {
      settle(running, Number(status))
      running = null
    } else {
      running.output.push(line)
    }
  })
  lines.once('close', () => {
    ended = true
    const gone = [...(running === null ? [] : [running]), ...waiting.splice(0)]
    for (const { command, reject } of gone) {
      reject(endedError(command))
    }
  })

  return {
    async run(words) {
      const command = words.map(quoted).join(' ')
      if (ended) throw endedError(command)
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const id = String(++count)
      waiting.push({ id, output: [], resolve, reject, command })
      input.write(`${id} ${command}\n`)
      return promise
    },
  }
}

function endedError(command: string): CommandFailedError {
  return new CommandFailedError(`The container ended before \`${command}\` did.`)
}

function settle({ command, output, resolve, reject }: Running, status: number): void {
  // The marked line begins on a line of its own, whether the command ended its last one or not.
  const printed = output.join('\n')
  if (status === 0) resolve(printed)
  else {
    reject(new CommandFailedError(`\`${command}\` ended with status ${status}: ${printed.trim()}`))
  }
}

/** A word as a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
