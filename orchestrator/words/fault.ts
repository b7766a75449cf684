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
