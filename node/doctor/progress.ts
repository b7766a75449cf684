import { visible } from '../base/visible.ts'

/** Clears the line on which a terminal's cursor stands (ECMA-48, EL). */
const CLEAR = '\r\u001B[2K'

/** One line of a terminal that says what is being done, until it is over. */
export interface Progress {
  tell: (text: string) => void
  /** Takes the line away, before anything else is written. */
  clear: () => void
}

/** @param options.progress whether there is such a terminal; else nothing is written */
export function createProgress({
  errors,
  columns = 80,
  progress = false,
}: {
  errors: NodeJS.WritableStream
  columns?: number
  progress?: boolean
}): Progress {
  let shown = false
  return {
    tell(text) {
      if (!progress) return
      errors.write(`${CLEAR}${visible(text).slice(0, columns - 2)}…`)
      shown = true
    },
    clear() {
      if (shown) errors.write(CLEAR)
      shown = false
    },
  }
}
