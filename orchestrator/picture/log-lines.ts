import { visible } from '#node/base/visible.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

/** From the least to the most urgent. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LineLevel = (typeof LOG_LEVELS)[number]

/** A line of a node's log. */
export interface LogLine {
  /** How many events of the run came before it. */
  after: number
  atMs: number
  level: LineLevel
  message: string
  /** What it says beside its message: `name=value`, one after the other. */
  fields: string
}

const NONE: readonly LogLine[] = []

/** The logs of all nodes, by variant and node. */
export class LogBook {
  readonly #logs = new Map<string, LogLine[]>()
  #newest: string | null = null

  /** Takes the next event of the run in, whichever it is; `after` events came before it. */
  push(event: RunEvent, after: number): void {
    if (event.type === 'variant-start') this.#newest = event.variant
    if (event.type !== 'node-log') return
    const key = JSON.stringify([event.variant ?? this.#newest, event.node])
    const log = this.#logs.get(key) ?? []
    this.#logs.set(key, log)
    // What has no level of its own goes on with the line before it: a trace of calls below an error.
    const level = log.at(-1)?.level ?? 'info'
    log.push({ after, atMs: event.atMs, ...parseLine(event.line, level) })
  }

  /** What a node logged, in order. */
  ofNode(variant: string, node: string): readonly LogLine[] {
    return this.#logs.get(JSON.stringify([variant, node])) ?? NONE
  }
}

/**
 * Those of a log that are as urgent as `level` or more, and have all words of a search in them.
 *
 * @param search - words with spaces between; capitals do not matter
 */
export function matchingLines(
  lines: readonly LogLine[],
  level: LineLevel,
  search: string,
): LogLine[] {
  const words = search.toLowerCase().split(/\s+/)
  const least = LOG_LEVELS.indexOf(level)
  return lines.filter((line) => {
    if (LOG_LEVELS.indexOf(line.level) < least) return false
    const text = `${line.message} ${line.fields}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function parseLine(line: string, level: LineLevel): Pick<LogLine, 'level' | 'message' | 'fields'> {
  const json = parsedJson(line)
  if (json === null)
    return { level: writtenLevel(line) ?? level, message: visible(line), fields: '' }
  const { level: number, msg, ...fields } = json
  const rest = Object.entries(fields)
    .filter(([name]) => name !== 'time')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
  return {
    level: levelOf(number) ?? level,
    message: typeof msg === 'string' ? visible(msg) : '',
    fields: visible(rest),
  }
}

/** A line of kadlab's own nodes. */
function parsedJson(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

/** pino's numbers: tens. */
function levelOf(number: unknown): LineLevel | null {
  if (typeof number !== 'number') return null
  return LOG_LEVELS[Math.max(1, Math.min(5, Math.floor(number / 10))) - 1] ?? null
}

/** As peers of other implementations write it near the beginning of a line. */
function writtenLevel(line: string): LineLevel | null {
  const word = /\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL|PANIC)(?:ING)?\b/i.exec(line.slice(0, 64))?.[1]
  if (word === undefined) return null
  const small = word.toLowerCase()
  return LOG_LEVELS.find((level) => level === small) ?? 'error'
}
