import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ScenarioError } from './errors.ts'
import type { Fault, LocatedFault } from './fault.ts'

/** A YAML text with the places of everything in it. */
export interface ScenarioSource {
  /** Name of the file, as messages give it. */
  readonly file: string
  /** The plain value. */
  readonly value: unknown
  /** Gives faults their line and column: the value at the path, or the nearest thing above it that is there. */
  locate(faults: readonly Fault[]): LocatedFault[]
}

/** @throws ScenarioError where the text is no YAML, or holds a key twice */
export function parseSource(text: string, file: string): ScenarioSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    throw ScenarioError.of(
      problems.map(({ pos, message }) => ({ file, path: [], message, ...place(pos[0]) })),
    )
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
    value: document.toJS() as unknown,
    locate: (faults) =>
      faults
        .map((fault) => ({ ...fault, file, ...place(offsetOf(fault)) }))
        .toSorted((one, other) => one.line - other.line || one.column - other.column),
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}
