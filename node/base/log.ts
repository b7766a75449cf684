import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import type { ComponentLogger, Logger } from '@libp2p/interface'
import { pino } from 'pino'
import { describeError } from './errors.ts'
import { visible } from './visible.ts'

type Fields = Record<string, unknown>

/** The part of pino that the node uses: fields first, then the message. */
export interface Log {
  trace(fields: Fields, message: string): void
  debug(fields: Fields, message: string): void
  info(fields: Fields, message: string): void
  warn(fields: Fields, message: string): void
  error(fields: Fields, message: string): void
  isLevelEnabled(level: 'trace' | 'debug' | 'info'): boolean
  child(fields: Fields): Log
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LogOptions {
  level: LogLevel
  format: 'json' | 'pretty'
  /** By peer id: a line about one of these peers names it as well, as `peerName`. */
  peerNames?: ReadonlyMap<string, string>
  /** Takes whole lines with their line break. Default: standard error, written at once, so that nothing is lost. */
  write?: (line: string) => void
}

/** A log that keeps away from standard output, which belongs to the lines face of the API. */
export function createLog(options: LogOptions): Log {
  const write = options.write ?? writeToStderr
  const stream = {
    write: (line: string) => write(options.format === 'pretty' ? prettyLine(line) : line),
  }
  const base = undefined as unknown as null // no pid and host name on every line
  const { level, peerNames } = options
  const named = (fields: Fields): Fields => {
    const name = typeof fields['peer'] === 'string' ? peerNames?.get(fields['peer']) : undefined
    return name === undefined ? fields : { peerName: name, ...fields }
  }
  return pino(
    { level, base, timestamp: pino.stdTimeFunctions.isoTime, formatters: { log: named } },
    stream,
  )
}

/** The log of one node: each line says by `name` who speaks, where that is known. */
export function logOf(peerId: string, log: Log, names: ReadonlyMap<string, string>): Log {
  const name = names.get(peerId)
  return name === undefined ? log : log.child({ name })
}

/** Logs nothing. */
export const silentLog: Log = createLog({ level: 'silent', format: 'json', write: () => {} })

function writeToStderr(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // A full or closed standard error must not end a node.
  }
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
}

/** What is a record is for programs, which read JSON. */
function isForPeople(value: unknown): boolean {
  return typeof value !== 'object' || Array.isArray(value)
}

function prettyLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as {
    level: number
    time: string
    msg?: string
  }
  const rest = Object.entries(fields)
    .filter(([, value]) => isForPeople(value))
    .map(
      ([name, value]) =>
        `${name}=${visible(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join(' ')
  const start = `${time.slice(11, 23)} ${LEVELS[level] ?? level} ${visible(msg ?? '')}`
  return rest === '' ? `${start}\n` : `${start}  ${rest}\n`
}

/**
 * The log as libp2p wants it. libp2p's own messages, its errors included, come out at `debug` and `trace`: most of its
 * "errors" are other peers' and expected. Nothing is formatted, nor is the terminal asked anything (libp2p's default
 * logger asks on every message), while these levels are off.
 */
export function libp2pLogger(log: Log): ComponentLogger {
  return { forComponent: (name) => componentLogger(log, name) }
}

function componentLogger(log: Log, component: string): Logger {
  const debug = log.isLevelEnabled('debug')
  const trace = log.isLevelEnabled('trace')
  const at =
    (level: 'debug' | 'trace', enabled: boolean) =>
    (template: unknown, ...values: unknown[]): void => {
      if (enabled) log[level]({ component }, formatTemplate(template, values))
    }
  return Object.assign(at('trace', trace), {
    enabled: trace,
    error: at('debug', debug),
    trace: at('trace', trace),
    newScope: (name: string) => componentLogger(log, `${component}:${name}`),
  })
}

/** Fills libp2p's placeholders: the letters of `debug`, and %p, %a, %b, %t, %k, %c, %e of `@libp2p/logger`. */
function formatTemplate(template: unknown, values: unknown[]): string {
  const rest = [...values]
  const filled =
    typeof template === 'string'
      ? template.replace(/%([a-zA-Z%])/g, (whole, letter: string) =>
          letter === '%' ? '%' : rest.length === 0 ? whole : formatValue(letter, rest.shift()),
        )
      : formatValue('o', template)
  return [filled, ...rest.map((value) => formatValue('o', value))].join(' ')
}

function formatValue(letter: string, value: unknown): string {
  if (value instanceof Error) return describeError(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return String(value)
  }
  // Peer ids, multiaddrs and datastore keys say who they are; plain objects do not.
  const speaks = 'pakc'.includes(letter) && typeof value === 'object' && value !== null
  return speaks
    ? (value as { toString(): string }).toString()
    : inspect(value, { depth: 2, breakLength: Infinity })
}
