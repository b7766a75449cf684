import { visibleText } from '../base/visible.ts'
import { outcomeMark } from '../view/mark.ts'
import { createStyle, type Style } from '../view/style.ts'
import type { End, OwnSide } from './own-side.ts'

const MAPPINGS: Readonly<Record<NonNullable<OwnSide['mapping']>, string>> = {
  none: 'none: peers see this machine as it is',
  EI: 'endpoint-independent (EI)',
  'AD or APD': 'depends on the peer (AD or APD)',
  APD: 'depends on the address and the port of the peer (APD, symmetric)',
}

/** What peers see of one's own side, for people. */
export function selfText(side: OwnSide, style: Style = createStyle(false)): string {
  const { views, mapping, ports, carrier, advice, healthy } = side
  const lines = [style('bold', 'this side, as peers see it'), '']
  for (const { via, local, observed, error } of views) {
    const seen =
      observed === null
        ? (error ?? 'it does not say')
        : `${local === null ? '?' : endText(local)} is seen as ${endText(observed)}`
    lines.push(`  ${outcomeMark(observed !== null, style)} ${via}`, `      ${seen}`)
  }
  lines.push(
    '',
    `  mapping   ${mapping === null ? 'unknown' : MAPPINGS[mapping]}`,
    `  ports     ${ports ?? 'unknown'}`,
    `  carrier   ${carrier}`,
    '',
    ...advice.map((each) => `  ${each}`),
    '',
    healthy
      ? `${outcomeMark(true, style)} the mapping is known`
      : `${outcomeMark(false, style)} the mapping could not be told`,
  )
  return visibleText(lines)
}

function endText({ host, port }: End): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
