import { CAUSES } from '../judgement/causes.ts'
import { outcomeMark } from '../view/mark.ts'
import { createStyle, type Style } from '../view/style.ts'
import type { AnnouncedAddress, Diagnosis } from './diagnosis.ts'

/** A diagnosis for people. */
export function diagnosisText(diagnosis: Diagnosis, style: Style = createStyle(false)): string {
  const lines = [style('bold', diagnosis.address), '']
  for (const check of diagnosis.checks) {
    lines.push(`  ${outcomeMark(check.ok, style)} ${check.name.padEnd(10)} ${check.detail}`)
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
      ? `${outcomeMark(true, style)} healthy: a stranger lists this peer and reaches it`
      : `${outcomeMark(false, style)} not healthy`,
  )
  return `${lines.join('\n')}\n`
}

function announcedLine(each: AnnouncedAddress): string {
  const { address, state, reach, kept, otherTransport, dial } = each
  const filter = kept ? 'kept' : 'dropped by the filter'
  const reached =
    dial === null ? notDialled(otherTransport) : dial.ok ? 'leads to it' : (dial.kind ?? 'dead')
  return `${address.padEnd(28)} ${state.padEnd(11)} ${reach.padEnd(9)} ${filter.padEnd(22)} ${reached}`
}

function notDialled(otherTransport: string | null): string {
  return otherTransport === null ? 'not dialled' : `not tried (${otherTransport})`
}
