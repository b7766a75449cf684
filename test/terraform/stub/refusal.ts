/** What Azure refuses, with its own code; the messages are Azure's or nearly so. */
export class AzureRefusal extends Error {
  override readonly name = 'AzureRefusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

export function refuse(code: string, message: string): never {
  throw new AzureRefusal(code, message)
}
