import { styleText } from 'node:util'
import { CAUSES } from '../judgement/causes.ts'
import type { AnnouncedAddress, Check, Diagnosis } from './diagnosis.ts'

/** What is written to; decides about colours (NO_COLOR and FORCE_COLOR are honoured). */
export interface TextOptions {
  stream?: NodeJS.WritableStream
}

/** A diagnosis for people. */
export function diagnosisText(diagnosis: Diagnosis, { stream }: TextOptions = {}): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    stream === undefined ? text : styleText(format, text, { stream })
  const lines = [style('bold', diagnosis.address), '']
  for (const check of diagnosis.checks) {
    lines.push(
      `  ${style(check.ok === false ? 'red' : 'green', markOf(check))} ${check.name.padEnd(10)} ${check.detail}`,
    )
  }
  if (diagnosis.announced !== null) {
    lines.push('', '  announces')
    if (diagnosis.announced.length === 0) lines.push('    nothing')
    for (const each of diagnosis.announced) lines.push(`    ${announcedLine(each)}`)
  }
  const { rung, cause, remedy } = diagnosis.sighting
  lines.push('', `  rung      ${rung}${cause === null ? '' : `, ${style('yellow', cause)}`}`)
  if (cause !== null) lines.push(`  why       ${CAUSES[cause].meaning}`)
  if (remedy !== null) {
    lines.push(`  remedy    ${remedy.set === undefined ? remedy.text : style('bold', remedy.set)}`)
    if (remedy.set !== undefined) lines.push(`            ${remedy.text}`)
  }
  lines.push(
    '',
    diagnosis.healthy
      ? `${style('green', '✔')} healthy: a stranger lists this peer and reaches it`
      : `${style('red', '✖')} not healthy`,
  )
  return `${lines.join('\n')}\n`
}

function markOf({ ok }: Check): string {
  if (ok === null) return '·'
  return ok ? '✔' : '✖'
}

function announcedLine({ address, reach, kept, dial }: AnnouncedAddress): string {
  const filter = kept ? 'kept' : 'dropped by the filter'
  const reached = dial === null ? 'not dialled' : dial.ok ? 'leads to it' : (dial.kind ?? 'dead')
  return `${address.padEnd(28)} ${reach.padEnd(9)} ${filter.padEnd(22)} ${reached}`
}
