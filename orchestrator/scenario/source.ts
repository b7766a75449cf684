import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Fault, LocatedFault } from '../words/fault.ts'
import { didYouMean } from '../words/nearest.ts'
import { ScenarioError } from './errors.ts'

/** A YAML text with the places of everything in it. */
export interface ScenarioSource {
  /** Name of the file, as messages give it. */
  readonly file: string
  /** The plain value. */
  readonly value: unknown
  /** Gives faults their line and column: the value at the path, or the nearest thing above it that is there. */
  locate(faults: readonly Fault[]): LocatedFault[]
}

/** A problem of the text itself, at an offset in it. */
interface Problem {
  offset: number
  message: string
}

/** A scenario of more keys and items is a mistake, and would take minutes to be checked. */
const MAX_ENTRIES = 20_000
/** Where a key ends or an item begins: near enough to count them by. */
const ENTRY = /:(?=\s|$)|,|^\s*-\s/gm

/** @throws ScenarioError where the text is too much for a scenario, no YAML, holds a key twice, or an alias that stands for nothing usable */
export function parseSource(text: string, file: string): ScenarioSource {
  refuseTooMuch(text, file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings].map(
    ({ code, pos, message }): Problem => ({
      offset: pos[0],
      message: code === 'MULTIPLE_DOCS' ? SECOND_DOCUMENT : message,
    }),
  )
  if (problems.length === 0) problems.push(...aliasProblems(document))
  if (problems.length > 0) throw errorOf(problems)

  function errorOf(problems: readonly Problem[], options?: ErrorOptions): ScenarioError {
    return ScenarioError.of(
      problems.map(({ offset, message }) => ({ file, path: [], message, ...place(offset) })),
      options,
    )
  }

  function plainValue(): unknown {
    try {
      return document.toJS() as unknown
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error
      // What is left to go wrong: aliases of aliases, which make a short file into an endless one.
      throw errorOf([{ offset: lastAlias(document), message: TOO_MANY_ALIASES }], { cause: error })
    }
  }

  function place(offset: number): { line: number; column: number } {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }

  function offsetOf({ path, atKey = false }: Fault): number {
    let node: unknown = document.contents
    let offset = startOf(node) ?? 0
    for (const [depth, key] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isPair(item) && keyText(item.key) === String(key))
        if (pair === undefined) return offset
        const last = depth === path.length - 1
        const keyOffset = startOf(pair.key) ?? offset
        // A block below its key is best pointed at by the key.
        const toKey =
          (last && atKey) || pair.value === null || (isMap(pair.value) && !pair.value.flow)
        offset = toKey ? keyOffset : (startOf(pair.value) ?? keyOffset)
        node = pair.value
      } else if (isSeq(node)) {
        node = node.items[Number(key)]
        offset = startOf(node) ?? offset
      } else return offset
    }
    return offset
  }

  return {
    file,
    value: plainValue(),
    locate: (faults) =>
      faults
        .map((fault) => ({ ...fault, file, ...place(offsetOf(fault)) }))
        .toSorted((one, other) => one.line - other.line || one.column - other.column),
  }
}

/** A scenario has nine levels; the reader of YAML ends at some thousands, by the stack of its calls. */
const MAX_DEPTH = 100

function refuseTooMuch(text: string, file: string): void {
  refuseTooDeep(text, file)
  let count = 0
  for (const { index } of text.matchAll(ENTRY)) {
    count += 1
    if (count <= MAX_ENTRIES) continue
    const line = text.slice(0, index).split('\n').length
    const message = `expected a scenario of at most ${MAX_ENTRIES} keys and items, saw more from here on`
    throw ScenarioError.of([{ file, path: [], message, line, column: 1 }])
  }
}

function refuseTooDeep(text: string, file: string): void {
  const refuse = (index: number): never => {
    const before = text.slice(0, index).split('\n')
    const message = `expected at most ${MAX_DEPTH} levels, saw more from here on`
    throw ScenarioError.of([
      { file, path: [], message, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    ])
  }
  let depth = 0
  for (const { 0: bracket, index } of text.matchAll(/[[{\]}]|^(?: *- ){100}|^ {200}(?=\S)/gm)) {
    if (bracket.length > 1) refuse(index)
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) refuse(index)
    if (depth < 0) depth = 0
  }
}

const SECOND_DOCUMENT =
  "expected one scenario in a file, saw a second one begin at this '---': give it a file of its own"
const TOO_MANY_ALIASES =
  'expected aliases that stand for little, saw them multiply each other: write out what they stand for'

/** Aliases whose anchor is not there (yet), and those inside the very thing that they stand for. */
function aliasProblems(document: Document): Problem[] {
  const problems: Problem[] = []
  const anchors = new Set<string>()
  visit(document, {
    Node(_key, node, path) {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor)
      const offset = startOf(node)
      if (offset === undefined || !isAlias(node)) return
      const { source } = node
      const meant = node.resolve(document)
      if (meant === undefined) {
        const known = anchors.size === 0 ? 'there is none' : `there are ${[...anchors].join(', ')}`
        problems.push({
          offset,
          message: `expected an alias of an anchor above it (&name), saw *${source}; ${known}${didYouMean(source, [...anchors])}`,
        })
      } else if (path.includes(meant)) {
        problems.push({
          offset,
          message: `expected an alias of something else, saw *${source} inside what &${source} names: it would have no end`,
        })
      }
    },
  })
  return problems
}

function lastAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_key, { range }) {
      offset = range?.[0] ?? offset
    },
  })
  return offset
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}
