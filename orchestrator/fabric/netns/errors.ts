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
