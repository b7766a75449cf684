import { visible } from '../base/visible.ts'
import { CAUSES } from '../judgement/causes.ts'
import { withNames } from '../judgement/with-names.ts'
import { type Cell, DEAD_ADVICE, deadOf, deadText, MEANT } from './cell.ts'
import { evidenceClauses } from './evidence.ts'
import { rungColor } from './matrix.ts'
import type { Style } from './style.ts'
import { wrap } from './text.ts'

const LABEL_WIDTH = 10

/** Cause, evidence and remedy of a cell that is not on the top rung; of one that is, which of its addresses are dead. */
export function causeLines(cell: Cell, width: number, style: Style): string[] {
  if (cell.cause === null) return deadLines(cell, width, style)
  const { observer, target, rung, cause, remedy, meant } = cell
  const color = rungColor(cell)
  const clauses = evidenceClauses(cell)
  const lines = [
    `${style('bold', `${target} at ${observer}`)}: ${rung}, ${style([color, 'bold'], cause)}${meant === undefined ? '' : `, ${MEANT[meant]}`}`,
    ...labelled('why', withNames(CAUSES[cause].meaning, cell), width, style),
  ]
  if (clauses.length > 0) lines.push(...labelled('evidence', clauses.join('; '), width, style))
  if (remedy === null) return lines
  const advice = withNames(remedy.text, cell)
  if (remedy.set === undefined) return [...lines, ...labelled('remedy', advice, width, style)]
  const where = remedy.on === 'target' ? target : remedy.on === 'observer' ? observer : 'both'
  lines.push(
    `  ${style('dim', 'remedy'.padEnd(LABEL_WIDTH))}${style(['green', 'bold'], visible(remedy.set))} on ${where}`,
  )
  const unsaid = advice.replace(/^Set \S+ on \S+: /, 'because ')
  return [...lines, ...labelled('', unsaid, width, style)]
}

function deadLines(cell: Cell, width: number, style: Style): string[] {
  const found = deadOf(cell)
  if (found === null) return []
  return [
    `${style('bold', `${cell.target} at ${cell.observer}`)}: ${cell.rung}, but ${style(['yellow', 'bold'], deadText(found))}`,
    ...labelled('evidence', evidenceClauses(cell).join('; '), width, style),
    ...labelled('remedy', DEAD_ADVICE, width, style),
  ]
}

function labelled(label: string, text: string, width: number, style: Style): string[] {
  return wrap(visible(text), width - LABEL_WIDTH - 2).map(
    (line, index) => `  ${style('dim', (index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`,
  )
}
