/**
 * What moves a cursor, rings, hides, or turns text around: control characters (C0, C1, DEL), line and paragraph
 * separators, and bidirectional marks (Unicode Technical Report 36).
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
/** What our own colours are made of (`Style`): nothing but a colour comes of them. */
// oxlint-disable-next-line no-control-regex -- it is what is looked for
const COLOUR = /(\u001b\[\d{1,3}m)/

/** A text of others, as it may stand on a terminal or in a log: what could not be seen is written out, `\u{1b}`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`)
}

/** The same for a whole line that is made ready to be printed: colours stay. */
export function visibleLine(line: string): string {
  return line
    .split(COLOUR)
    .map((piece, index) => (index % 2 === 1 ? piece : visible(piece)))
    .join('')
}

/** Lines, made ready to be printed one below the other: none of them becomes two, whatever others put into it. */
export function visibleText(lines: readonly string[]): string {
  return lines.map((line) => `${visibleLine(line)}\n`).join('')
}

/** The same for a text of several lines, of which each may be of others: a value, a file. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleLine).join('\n')
}

/**
 * A value as JSON for programs and people: what could not be seen is escaped as JSON does it.
 *
 * @param indent spaces for each level; 0: all of it is one line
 */
export function visibleJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replaceAll(HIDDEN, (hidden) =>
    hidden === '\n' ? hidden : `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
