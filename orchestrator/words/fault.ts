/** Something wrong with a scenario, at a place in it. */
export interface Fault {
  /** Keys and indices from the top of the file. */
  path: readonly (string | number)[]
  /** What was expected, what was seen, what is allowed. */
  message: string
  /** Point at the last key of the path instead of at its value. */
  atKey?: boolean
}

/** A fault with its place in a file; lines and columns count from 1. */
export interface LocatedFault extends Fault {
  file: string
  line: number
  column: number
}

/** What stands at a place of a file; undefined where nothing does. */
export function valueAt(value: unknown, path: Fault['path']): unknown {
  let at = value
  for (const key of path) at = isRecord(at) ? at[key] : undefined
  return at
}

/** Whether a value has keys. */
export function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
