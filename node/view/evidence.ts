import type { Cell } from './cell.ts'
import { formatMs, listText, shortAddress } from './text.ts'

/** What was seen that led to a cell's cause, as short clauses with the nodes' names. */
export function evidenceClauses({ observer, target, evidence }: Cell): string[] {
  if (evidence === null) return []
  const { announced, scope, kept, protocols, expectedProtocol, remoteAddress } = evidence
  const clauses: string[] = []
  if (announced !== undefined) {
    const addresses = listText(announced.map(shortAddress))
    clauses.push(`${target} announces ${addresses === '' ? 'no address' : addresses}`)
  }
  if (scope !== undefined && kept !== undefined && announced?.length !== 0) {
    const left = kept.length === 0 ? 'none' : listText(kept.map(shortAddress))
    clauses.push(`${observer}'s filter (${scope}) keeps ${left}`)
  }
  if (expectedProtocol !== undefined && protocols?.includes(expectedProtocol) === false) {
    const kad = protocols.filter((protocol) => protocol.includes('/kad/'))
    const instead = kad.length === 0 ? '' : `, but ${listText(kad)}`
    clauses.push(`${target} does not offer ${expectedProtocol}${instead}`)
  }
  if (remoteAddress !== undefined) {
    clauses.push(`${observer} sees it come from ${shortAddress(remoteAddress)}`)
  }
  for (const { address, ok, kind, error, durationMs } of evidence.dials ?? []) {
    const took = durationMs === undefined ? '' : ` after ${formatMs(durationMs)}`
    const how = ok ? `succeeds${took}` : `fails${took}: ${kind ?? error ?? 'unknown'}`
    clauses.push(`a dial of ${shortAddress(address)} ${how}`)
  }
  if (evidence.bucket !== undefined) {
    const { contacts, capacity } = evidence.bucket
    clauses.push(`its bucket holds ${contacts} of ${capacity} contacts`)
  }
  if (evidence.group !== undefined) {
    const { network, limit, sharedBits } = evidence.group
    const whose =
      sharedBits === undefined ? '' : ` whose ids share ${sharedBits} leading bits with its own`
    clauses.push(`${observer} lists ${limit} peers of ${network}${whose}, and no more`)
  }
  if (evidence.error !== undefined) clauses.push(evidence.error)
  return clauses
}
