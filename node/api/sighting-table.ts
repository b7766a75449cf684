import { CAUSES } from '../discovery/causes.ts'
import type { Sighting } from './node-api.ts'

const COLUMNS = ['peer', 'rung', 'listed', 'dialable', 'cause'] as const

/**
 * Sightings as text for people: one row for each peer, and below it what was seen and what mends it.
 *
 * @param nameOf what to call a peer; default its peer id
 */
export function sightingTable(
  sightings: readonly Sighting[],
  nameOf: (peerId: string) => string = (peerId) => peerId,
): string {
  if (sightings.length === 0) return 'no peer was heard of\n'
  const rows = sightings.map((sighting) => [
    nameOf(sighting.peerId),
    sighting.rung,
    shown(sighting.listed),
    shown(sighting.dialable),
    sighting.cause ?? '',
  ])
  const head = COLUMNS.map((column) => column.toUpperCase())
  const widths = COLUMNS.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const lines = [line(head)]
  for (const [index, sighting] of sightings.entries()) {
    lines.push(line(rows[index] ?? []), ...detailsOf(sighting).map((detail) => `    ${detail}`))
  }
  return `${lines.join('\n')}\n`
}

function shown(value: boolean | null): string {
  if (value === null) return '?'
  return value ? 'yes' : 'no'
}

/** What the cause means, the evidence that says most, and the remedy. */
function detailsOf({ announced, cause, evidence, remedy }: Sighting): string[] {
  const details: string[] = []
  if (cause !== null) details.push(`why: ${CAUSES[cause].meaning}`)
  if (announced !== null) details.push(`announces ${listOf(announced)}`)
  if (evidence?.kept !== undefined) {
    details.push(`ADDRESS_SCOPE=${evidence.scope ?? '?'} keeps ${listOf(evidence.kept)}`)
  }
  for (const { address, ok, kind } of evidence?.dials ?? []) {
    details.push(`dialled ${address}: ${ok ? 'ok' : (kind ?? 'failed')}`)
  }
  if (evidence?.error !== undefined) details.push(`error: ${evidence.error}`)
  if (remedy !== null) details.push(`remedy: ${remedy.text}`)
  if (remedy?.set !== undefined) details.push(`        ${remedy.set}   (on the ${remedy.on})`)
  return details
}

function listOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'nothing' : addresses.join(', ')
}
