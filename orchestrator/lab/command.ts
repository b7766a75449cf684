import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseJson, readLines } from '#node/api/lines/reader.ts'
import { systemClock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

/** How kadlab's own command line is started. */
export interface CommandPlace {
  /** The program's file. */
  entry: string
  /** Folder in which reports come to stand. */
  directory: string
  env: Readonly<Record<string, string | undefined>>
}

export interface CommandListeners {
  onEvent: (event: RunEvent) => void
  /** Some of standard error. */
  onSaid: (text: string) => void
}

/** A command of kadlab as a process of its own. */
export interface StartedCommand {
  /** Resolves with the exit status once everything was read; null where it was killed. */
  ended: Promise<number | null>
  /** As Ctrl-C: it takes its lab down first. */
  interrupt: () => void
  /** Interrupts it, and kills it where it has not ended in time. */
  end: () => Promise<void>
}

/** What a lab of many containers needs to be taken down. */
const END_MS = 60_000
/** Longest event, in UTF-16 units: that of a router's state holds its rules and mappings. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024

/**
 * Starts a command that prints its events.
 *
 * @param words - the command's name first
 */
export function startCommand(
  { entry, directory, env }: CommandPlace,
  words: readonly string[],
  { onEvent, onSaid }: CommandListeners,
): StartedCommand {
  const child = spawn(process.execPath, [entry, ...words], {
    cwd: directory,
    env: { ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal is for the lab, which passes it on: a second one would end a run in the midst of its cleaning up.
    detached: true,
  })
  const handlers = {
    onLine(line: string) {
      const event = parseJson(line)
      if (event === undefined) onSaid(`${line}\n`)
      else onEvent(event as RunEvent)
    },
    onTooLong: () => onSaid(`an event of more than ${MAX_EVENT_LENGTH} characters is left out\n`),
    onEnd: () => {},
  }
  readLines(child.stdout, handlers, { maxLength: MAX_EVENT_LENGTH })
  child.stderr.setEncoding('utf8').on('data', onSaid)
  const ended = statusOf(child, onSaid)
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    async end() {
      child.kill('SIGINT')
      await within(
        systemClock,
        END_MS,
        undefined,
        (signal) =>
          Promise.race([ended, once(signal, 'abort').then(() => signal.throwIfAborted())]),
        () => void child.kill('SIGKILL'),
      )
      await ended
    },
  }
}

async function statusOf(
  child: ChildProcess,
  onSaid: (text: string) => void,
): Promise<number | null> {
  try {
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
    // Interrupted before it listened for that: it had begun nothing.
    return signal === 'SIGINT' ? 130 : status
  } catch (error) {
    onSaid(`cannot start the run: ${String(error)}\n`)
    return null
  }
}
