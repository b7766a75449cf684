import { existsSync, readFileSync } from 'node:fs'

/** What the stand-in for systemd knows of a service. */
export interface Service {
  requires: string[]
  oneshot: boolean
  restartAlways: boolean
  restartDelayMs: number
  environmentFiles: string[]
  startPre: Command[]
  start: Command
  stop: Command[]
}

export interface Command {
  words: string[]
  /** A dash before it: its failure does not count. */
  mayFail: boolean
}

/** Reads the directives that kadlab's units use; any other name in [Service] is an error, so that none is overlooked. */
export function parseUnit(text: string): Service {
  const values = new Map<string, string[]>()
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    if (!KNOWN.has(name)) throw new Error(`the stand-in for systemctl does not know ${name}=`)
    values.set(name, [...(values.get(name) ?? []), value.trim()])
  }
  const all = (name: string): string[] => values.get(name) ?? []
  const [start] = all('ExecStart').map(parseCommand)
  if (start === undefined) throw new Error('a service needs ExecStart=')
  return {
    requires: all('Requires').flatMap((value) => value.split(/\s+/)),
    oneshot: all('Type').includes('oneshot'),
    restartAlways: all('Restart').includes('always'),
    restartDelayMs: Number(all('RestartSec')[0] ?? '0.1') * 1000,
    environmentFiles: all('EnvironmentFile'),
    startPre: all('ExecStartPre').map(parseCommand),
    start,
    stop: all('ExecStop').map(parseCommand),
  }
}

const KNOWN = new Set([
  'Description',
  'Wants',
  'After',
  'Before',
  'Requires',
  'PartOf',
  'StartLimitIntervalSec',
  'Type',
  'RemainAfterExit',
  'WorkingDirectory',
  'EnvironmentFile',
  'ExecStartPre',
  'ExecStart',
  'ExecStop',
  'Restart',
  'RestartSec',
  'RestartSteps',
  'RestartMaxDelaySec',
  'TimeoutStopSec',
  'WantedBy',
])

function parseCommand(value: string): Command {
  const mayFail = value.startsWith('-')
  return { mayFail, words: (mayFail ? value.slice(1) : value).split(/\s+/) }
}

/** The variables of environment files, as systemd reads them: NAME=value, one a line. */
export function readEnvironment(files: readonly string[]): Record<string, string> {
  const lines = files.flatMap((file) =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [],
  )
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

/** `${NAME}` stays one word, `$NAME` as a word of its own is split at white space: systemd's rules. */
export function expand(words: readonly string[], environment: Record<string, string>): string[] {
  return words.flatMap((word) => {
    const whole = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1]
    if (whole !== undefined) {
      return (environment[whole] ?? '').split(/\s+/).filter((part) => part !== '')
    }
    return [
      word.replaceAll(
        /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
        (_, name: string) => environment[name] ?? '',
      ),
    ]
  })
}
