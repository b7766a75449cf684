/** Small pieces of text, all of them without colours: what is coloured is padded first. */

/** Words in lines of at most `width` characters; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((word) => word !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** `/ip4/10.2.0.10/tcp/3000/p2p/12D3…` as `10.2.0.10:3000`; other addresses as they are, without the peer id. */
export function shortAddress(address: string): string {
  const bare = address.replace(/\/p2p\/[^/]+$/, '')
  const match = /^\/(ip4|dns|dns4)\/([^/]+)\/tcp\/(\d+)$/.exec(bare)
  return match === null ? bare : `${match[2]}:${match[3]}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Rows as columns, each as wide as its widest cell. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
}

/** `86 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
