import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { KadlabError } from '#node/base/errors.ts'

/** A file that is no progress of a soak, or of another one. */
export class ProgressFileError extends KadlabError {
  static override readonly name = 'ProgressFileError'
}

const schema = z.object({
  /** The soak's own options: another soak does not go on from here. */
  of: z.string(),
  next: z.int().min(0),
  broken: z.array(z.int().min(0)),
})

/** How far a soak has come: kept in a file, so that it goes on after it was interrupted. */
export class Progress {
  readonly #path: string | null
  readonly #of: string
  next: number
  readonly broken: number[]

  /**
   * @param path null: it is kept nowhere. A file that is not there yet is made
   * @param of the options of the soak
   * @throws ProgressFileError
   */
  constructor(path: string | null, { of, from }: { of: string; from: number }) {
    this.#path = path
    this.#of = of
    const kept = path === null ? null : read(path)
    if (kept !== null && kept.of !== of) {
      throw new ProgressFileError(`${path} is of another soak: ${kept.of}, and not ${of}`)
    }
    this.next = kept?.next ?? from
    this.broken = kept?.broken ?? []
  }

  /** A seed was run. */
  done(seed: number, isBroken: boolean): void {
    this.next = seed + 1
    if (isBroken) this.broken.push(seed)
    if (this.#path === null) return
    const { next, broken } = this
    // Whole or not at all, whenever it is killed.
    writeFileSync(`${this.#path}.new`, `${JSON.stringify({ of: this.#of, next, broken })}\n`)
    renameSync(`${this.#path}.new`, this.#path)
  }
}

function read(path: string): z.infer<typeof schema> | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ProgressFileError(`${path} is no progress of a soak: name another file`, { cause })
  }
}
