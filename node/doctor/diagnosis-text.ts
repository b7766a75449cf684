import { visibleText } from '../base/visible.ts'
import { CAUSES } from '../judgement/causes.ts'
import { outcomeMark, partMark } from '../view/mark.ts'
import { createStyle, type Style } from '../view/style.ts'
import { type AnnouncedAddress, type Diagnosis, deadAddressCount } from './diagnosis.ts'

/** A diagnosis for people. */
export function diagnosisText(diagnosis: Diagnosis, style: Style = createStyle(false)): string {
  const lines = [style('bold', diagnosis.address), '']
  const dead = deadAddressCount(diagnosis)
  for (const { name, ok, detail } of diagnosis.checks) {
    const holdsInPart = name === 'dial-back' && ok === true && dead > 0
    const mark = holdsInPart ? partMark(style) : outcomeMark(ok, style)
    lines.push(`  ${mark} ${name.padEnd(10)} ${detail}`)
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
  lines.push('', verdictLine(diagnosis, dead, style))
  return visibleText(lines)
}

function verdictLine({ healthy, announced }: Diagnosis, dead: number, style: Style): string {
  if (!healthy) return `${outcomeMark(false, style)} not healthy`
  const well = 'healthy: a stranger lists this peer and reaches it'
  if (dead === 0) return `${outcomeMark(true, style)} ${well}`
  const all = announced?.length ?? 0
  return `${partMark(style)} ${well}, but ${dead} of its ${all} addresses ${dead === 1 ? 'is' : 'are'} dead: announce ${dead === 1 ? 'it' : 'them'} no longer, for others try in vain`
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
