import { visibleLine, visibleText } from '#node/base/visible.ts'

/** A place to print lines on, with one line at its end that comes and goes. */
export interface Screen {
  /** Prints lines for good. */
  print(...lines: string[]): void
  /** Shows what is being done: the line that comes and goes on a terminal, a line of its own elsewhere. */
  status(text: string): void
  /** The same where lines come and go; nothing elsewhere, because what follows says it too. */
  hint(text: string): void
  /** Takes the status line away. */
  clear(): void
}

export interface ScreenOptions {
  write: (text: string) => void
  /** True where lines can be overwritten. */
  live: boolean
  /** Characters in a line. */
  width: number
}

const CLEAR_LINE = '\r\u001B[2K'

export function createScreen({ write, live, width }: ScreenOptions): Screen {
  let shown = false

  function clear(): void {
    if (shown) write(CLEAR_LINE)
    shown = false
  }

  function show(line: string): void {
    clear()
    // A line that wraps could not be taken away again.
    const seen = visibleLine(line)
    write(seen.length < width ? seen : `${seen.slice(0, width - 2)}…`)
    shown = true
  }

  return {
    clear,
    print(...lines) {
      clear()
      write(visibleText(lines))
    },
    status(text) {
      if (live) show(`  … ${text}`)
      else write(`  … ${visibleLine(text)}\n`)
    },
    hint(text) {
      if (live) show(`  … ${text}`)
    },
  }
}
