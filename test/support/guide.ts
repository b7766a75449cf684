/** A block of code in a guide, and what the guide says of it. */
export interface Block {
  /** Line of its first fence, from 1. */
  line: number
  language: string
  /** Where the block is a file: its path. */
  file: string | null
  text: string
  /** What stands behind the block in a comment: `status 1`, `background`, `not here: needs Docker`. */
  notes: string[]
}

const FENCE = /^```(\S*)(?: (\S+))?$/
const NOTE = /^<!-- guide: (.*) -->$/

/** The fenced blocks of a guide in their order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: Block | null = null
  const lines: string[] = []
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, language = '', file = null] = FENCE.exec(line) ?? []
    if (open !== null && line === '```') {
      open.text = `${lines.splice(0).join('\n')}\n`
      blocks.push(open)
      open = null
    } else if (open !== null) lines.push(line)
    else if (language !== '') open = { line: index + 1, language, file, text: '', notes: [] }
    else {
      const [, note] = NOTE.exec(line) ?? []
      if (note !== undefined) blocks.at(-1)?.notes.push(note)
    }
  }
  if (open !== null) throw new Error(`the block of line ${open.line} is not closed`)
  return blocks
}

/**
 * The lines of `expected` that `seen` does not have, in this order. Times and ports of outgoing connections differ from run
 * to run and do not count; a line may be the beginning of what was seen, or its middle.
 */
export function missingLines(expected: string, seen: string): string[] {
  const rest = seen.split('\n').map(plain)
  return expected
    .split('\n')
    .filter((line) => line.trim() !== '')
    .filter((line) => {
      const at = rest.findIndex((each) => each.includes(plain(line)))
      if (at === -1) return true
      rest.splice(0, at + 1)
      return false
    })
}

function plain(line: string): string {
  return line
    .replaceAll(/\d+(\.\d+)? (ms|s)\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
