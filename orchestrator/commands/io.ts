/** What a command needs of the process that it runs in: injected, so that tests run commands in theirs. */
export interface CommandIo {
  stdout: (text: string) => void
  stderr: (text: string) => void
  /** Whether standard output is a terminal. */
  isTerminal: boolean
  columns: number
  env: Readonly<Record<string, string | undefined>>
  /** Folder that the user's relative paths start at. */
  directory: string
  /** Aborts with an InterruptedError once the user wants an end. */
  signal: AbortSignal
}

/** Whether the last line of standard output can be overwritten: not on a terminal that says it knows no escape codes. */
export function overwritesLines({ isTerminal, env }: CommandIo): boolean {
  return isTerminal && env['TERM'] !== 'dumb'
}
