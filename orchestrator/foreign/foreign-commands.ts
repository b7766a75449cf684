import type { Readable, Writable } from 'node:stream'
import { DisconnectedError } from '#node/api/errors.ts'
import { PendingCalls } from '#node/api/lines/pending-calls.ts'
import { readLines } from '#node/api/lines/reader.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { KadlabError } from '#node/base/errors.ts'
import { type ForeignAnswer, type ForeignEvent, readForeignLine } from './foreign-line.ts'

/** A foreign peer said no; the message is its own. */
export class ForeignPeerError extends KadlabError {
  static override readonly name = 'ForeignPeerError'
}

/** The lines of an answer so far. */
interface Lines {
  lines: ForeignAnswer[]
  isLast: (answer: ForeignAnswer) => boolean
}

export interface ForeignCommandsOptions {
  onEvent: (event: ForeignEvent) => void
  /** Given lines that are neither an answer nor an event. */
  onStray: (line: string) => void
  /** The peer answers no more. */
  onEnd: () => void
}

/** Commands to a foreign peer over its two streams. */
export interface ForeignCommands {
  /**
   * Sends one command; resolves with all lines of its answer.
   *
   * @param isLast - whether a line ends the answer. Default: the first does
   * @throws ForeignPeerError where the peer says no, DisconnectedError where it is gone
   */
  send(
    words: string[],
    options?: AbortOptions,
    isLast?: (answer: ForeignAnswer) => boolean,
  ): Promise<ForeignAnswer[]>
  /** Reads no more, and rejects what is under way. */
  end(): void
}

/** Speaks the line protocol of foreign peers: commands in words with a tag, answers and events as JSON lines. */
export function createForeignCommands(
  output: Readable,
  input: Writable,
  { onEvent, onStray, onEnd }: ForeignCommandsOptions,
): ForeignCommands {
  const pending = new PendingCalls<Lines, ForeignAnswer[]>()

  const disconnect = (why: string, cause: Error | null): void => {
    pending.end(new DisconnectedError(why, cause === null ? {} : { cause }))
    onEnd()
  }

  const settle = (answer: ForeignAnswer): void => {
    const call = pending.get(Number(answer.tag))
    if (call === undefined) return
    const { lines, isLast } = call.note
    lines.push(answer)
    if (answer.ok === false) call.reject(new ForeignPeerError(answer.error ?? 'it said no'))
    else if (isLast(answer)) call.resolve(lines)
  }

  const stopReading = readLines(output, {
    onLine: (line) => {
      const read = readForeignLine(line)
      if (read.kind === 'event') onEvent(read.event)
      else if (read.kind === 'answer') settle(read.answer)
      else onStray(line)
    },
    onTooLong: () => onStray('(a line above the limit)'),
    onEnd: (error) => disconnect('the output of the peer ended before it answered', error),
  })
  input.on('error', (error: Error) => disconnect('the input of the peer is closed', error))

  return {
    send: async (words, options = {}, isLast = () => true) => {
      const ask = (tag: number): void => void input.write(`@${tag} ${words.join(' ')}\n`)
      return pending.make({ lines: [], isLast }, ask, options)
    },
    end() {
      stopReading()
      disconnect('the peer was disposed of', null)
    },
  }
}
