/** Where in a YAML text one writes: in which map or list, and what stands in that already. */
export interface YamlPlace {
  /** Keys from the top; null for an item of a list. */
  path: (string | null)[]
  /** Whether a key, the value of the last key of the path, or either may come here. */
  wants: 'key' | 'value' | 'either'
  /** Keys that the map has above this place. */
  seen: string[]
  /** Offset at which the word that is being written begins. */
  from: number
}

/** A map or a list that is open at some point of a text. */
interface Level {
  kind: 'map' | 'list'
  /** Column of its keys or dashes; null between brackets. */
  indent: number | null
  /** The key whose value is being read; null: none yet. */
  key: string | null
  seen: string[]
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#{}[\],:"'-][^{}[\],:#]*?)\s*:(?=\s|$)/
const FLOW_KEY = /^\s*("[^"]*"|'[^']*'|[^\s#{}[\],:"'][^{}[\],:#]*?)\s*:(?=[\s,}\]]|$)/

/**
 * Reads a text up to where one writes. It takes what is unfinished as it comes, and knows of YAML what scenarios are
 * written in: blocks by indentation, brackets, comments and quotes.
 */
export function yamlPlace(before: string): YamlPlace {
  const levels: Level[] = []
  const lines = before.split('\n')
  const last = lines.pop() ?? ''
  for (const line of lines) readLine(line, levels)
  const from = before.length - (/[\w{}.-]*$/.exec(last)?.[0].replace(/^[-{}]+/, '') ?? '').length
  const written = last.slice(0, last.length - (before.length - from))
  const isFresh = readLine(written, levels, true)
  const path = pathOf(levels)
  const level = levels.at(-1)
  if (level?.kind === 'list') return { path, wants: 'either', seen: [], from }
  if (level === undefined) return { path, wants: 'key', seen: [], from }
  if (level.key !== null) return { path, wants: isFresh ? 'either' : 'value', seen: [], from }
  return { path, wants: isInList(levels) ? 'either' : 'key', seen: level.seen, from }
}

/** Every key with the path of the map that it is in, of a whole text. */
export function yamlKeys(text: string): { path: (string | null)[]; key: string }[] {
  const levels: Level[] = []
  const found: { path: (string | null)[]; key: string }[] = []
  for (const line of text.split('\n')) {
    readLine(line, levels, false, (key) => {
      const path = pathOf(levels)
      found.push({ path: path.slice(0, -1), key })
    })
  }
  return found
}

function pathOf(levels: readonly Level[]): (string | null)[] {
  return levels.flatMap(({ kind, key }) => (kind === 'list' ? [null] : key === null ? [] : [key]))
}

/** Whether a map has only just begun as an item: what stands there may still become something else. */
function isInList(levels: readonly Level[]): boolean {
  const level = levels.at(-1)
  return level?.indent !== null && level?.seen.length === 0 && levels.at(-2)?.kind === 'list'
}

/**
 * @param isLast - whether one writes at the end of it: an empty line then ends the blocks that are indented more
 * @returns whether nothing stands in the line before the place yet, but indentation
 */
function readLine(
  line: string,
  levels: Level[],
  isLast = false,
  onKey: (key: string) => void = () => {},
): boolean {
  if (levels.at(-1)?.indent === null) {
    readFlow(line, levels, onKey)
    return false
  }
  let at = line.length - line.trimStart().length
  const isEmpty = at === line.length
  if (line[at] === '#' || (isEmpty && !isLast)) return false
  const dashes = /^((?:- +|-$)*)/.exec(line.slice(at))?.[1] ?? ''
  closeBlocks(levels, at, dashes !== '')
  for (const dash of dashes.matchAll(/- */g)) {
    const column = at + dash.index
    closeBlocks(levels, column, true)
    if (levels.at(-1)?.kind !== 'list' || levels.at(-1)?.indent !== column) {
      levels.push({ kind: 'list', indent: column, key: null, seen: [] })
    }
  }
  at += dashes.length
  const rest = line.slice(at)
  const [whole, key] = KEY.exec(rest) ?? []
  if (whole === undefined || key === undefined) {
    if (isLast && rest.trim() === '') return openMap(levels, at, dashes !== '')
    readFlow(rest, levels, onKey)
    return false
  }
  mapAt(levels, at).key = unquoted(key)
  levels.at(-1)?.seen.push(unquoted(key))
  onKey(unquoted(key))
  readFlow(rest.slice(whole.length), levels, onKey)
  return false
}

/** Where nothing is written yet: the next key of the map of this column, or what comes below the key above. */
function openMap(levels: Level[], column: number, isItem: boolean): boolean {
  const level = levels.at(-1)
  if (level?.kind === 'map' && level.indent === column) {
    level.key = null
    return false
  }
  if (isItem) return false
  return level?.kind === 'map' && level.key !== null
}

function mapAt(levels: Level[], indent: number): Level {
  const level = levels.at(-1)
  if (level?.kind === 'map' && level.indent === indent) return level
  const map: Level = { kind: 'map', indent, key: null, seen: [] }
  levels.push(map)
  return map
}

/** Ends what a line that begins at this column is no part of. A list may stand at the column of its own key. */
function closeBlocks(levels: Level[], column: number, isItem: boolean): void {
  for (;;) {
    const level = levels.at(-1)
    if (level === undefined || level.indent === null || level.indent < column) return
    if (level.indent === column && (isItem || level.kind === 'map')) return
    levels.pop()
  }
}

/** Reads what stands behind a key or between brackets. */
function readFlow(text: string, levels: Level[], onKey: (key: string) => void): void {
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const level = levels.at(-1)
    const inBrackets = level?.indent === null
    const char = rest[0] ?? ''
    const key = inBrackets && level.kind === 'map' && level.key === null && FLOW_KEY.exec(rest)
    if (key) {
      level.key = unquoted(key[1] ?? '')
      level.seen.push(level.key)
      onKey(level.key)
      at += key[0].length
      continue
    }
    const quoted = /^("(?:[^"\\]|\\.)*("|$)|'[^']*('|$))/.exec(rest)
    if (quoted) {
      at += quoted[0].length
      continue
    }
    if (char === '#' && (at === 0 || /\s/.test(text[at - 1] ?? ''))) return
    if (char === '{') levels.push({ kind: 'map', indent: null, key: null, seen: [] })
    else if (char === '[') levels.push({ kind: 'list', indent: null, key: null, seen: [] })
    else if ((char === '}' || char === ']') && inBrackets) levels.pop()
    else if (char === ',' && inBrackets) level.key = null
    at += 1
  }
}

function unquoted(key: string): string {
  return /^["']/.test(key) ? key.slice(1, -1) : key
}
