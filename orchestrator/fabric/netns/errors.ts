import { FabricError } from '../errors.ts'

/** This machine grants no namespaces, or lacks a command that a lab in them needs. */
export class NamespacesUnavailableError extends FabricError {
  static override readonly name = 'NamespacesUnavailableError'
}

/** A command in the lab's namespaces failed. */
export class NamespaceCommandError extends FabricError {
  static override readonly name = 'NamespaceCommandError'

  constructor(what: string, said: string, options?: ErrorOptions) {
    super(
      `${what} failed in the lab's namespaces: ${said === '' ? 'it said nothing' : said}`,
      options,
    )
  }
}

/** A process of the lab ended before it was ready, or while it was needed. Carries its last log lines. */
export class ProcessDiedError extends FabricError {
  static override readonly name = 'ProcessDiedError'
  readonly exitCode: number | null
  readonly lastLines: readonly string[]

  constructor(name: string, exitCode: number | null, lastLines: readonly string[]) {
    const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`
    const said =
      lastLines.length === 0
        ? 'It logged nothing.'
        : `Its last log lines:\n${lastLines.map((line) => `  ${line}`).join('\n')}`
    super(`\`${name}\` ${how}. ${said}`)
    this.exitCode = exitCode
    this.lastLines = lastLines
  }
}
