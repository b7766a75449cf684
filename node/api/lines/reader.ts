import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/**
 * Longest line that is read, in UTF-16 units: a put of the largest value is 12 KiB of base64, and an answer to
 * `discovery` in a network of a thousand some hundred KiB.
 */
export const MAX_LINE_LENGTH = 4 * 1024 * 1024

/** What a line reader hands on. */
export interface LineHandlers {
  onLine: (line: string) => void
  /** A line is above the limit, told as soon as it is; nothing of it is kept. */
  onTooLong: () => void
  /** The stream ended, failed or was destroyed; called once, and never after `stop`. */
  onEnd: (error: Error | null) => void
}

/**
 * Reads a stream line by line without ever holding more than the longest allowed line. `node:readline` would hold
 * whatever comes before the first newline.
 *
 * @returns stops reading and leaves the stream as it is, paused.
 */
export function readLines(
  stream: Readable,
  handlers: LineHandlers,
  options: { maxLength?: number } = {},
): () => void {
  const maxLength = options.maxLength ?? MAX_LINE_LENGTH
  const decoder = new StringDecoder('utf8')
  let held = ''
  let skipping = false
  let done = false

  const deliver = (line: string): void => {
    // Of a line that is being skipped, it was told when it became too long.
    if (!skipping && line.length > maxLength) handlers.onTooLong()
    else if (!skipping && line.trim() !== '') handlers.onLine(line)
    skipping = false
  }
  const onData = (chunk: Buffer | string): void => {
    const lines = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).split('\n')
    const rest = lines.pop() ?? ''
    for (const line of lines) {
      // A handler may stop the reading.
      if (done) return
      deliver(held + line)
      held = ''
    }
    held += rest
    if (skipping || held.length > maxLength) {
      if (!skipping) handlers.onTooLong()
      skipping = true
      held = ''
    }
  }
  const finish = (error: Error | null): void => {
    if (done) return
    if (held !== '' || skipping) deliver(held)
    stop()
    handlers.onEnd(error)
  }
  const onEnd = (): void => finish(null)
  const stop = (): void => {
    if (done) return
    done = true
    stream.off('data', onData).off('end', onEnd).off('close', onEnd)
    stream.pause()
  }
  // The error listener stays: an error after `stop` has nobody else to go to and must not end the process.
  stream.on('error', finish).on('data', onData).on('end', onEnd).on('close', onEnd)
  return stop
}

/** What a line says as JSON; undefined where it is none. */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
