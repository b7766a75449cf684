import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { code, table } from './table.ts'

const RECORDS = resolve(import.meta.dirname, '../../test/terraform/day-2')

/** One row of what the tests of the second day recorded. */
interface Row {
  what: string
  how: string
  refused?: string
  failed?: string[]
  stopped?: number
  nodes: Record<string, number>
  monitoring?: string
  addresses: string
  peerIds: string
  values: string
}

const FATES: Readonly<Record<string, string>> = {
  replaced: '**replaced**',
  stopped: 'left **stopped**',
  restarted: 'restarted, all at once',
  updated: 'updated, one after the other',
  changed: 'changed in place, nothing restarts',
  new: 'added',
  gone: '**removed**',
}

async function rowsOf(deployment: string): Promise<Row[]> {
  return JSON.parse(await readFile(resolve(RECORDS, `${deployment}.json`), 'utf8')) as Row[]
}

function happens(row: Row | undefined): string {
  if (row === undefined) return '–'
  if (row.refused !== undefined) return '**refused** by the plan'
  const nodes = Object.entries(FATES).flatMap(([fate, words]) => {
    const count = row.nodes[fate] ?? 0
    return count === 0 ? [] : [`${count} ${words}`]
  })
  const watcher = row.monitoring ?? 'untouched'
  const fate = watcher === 'changed' ? 'changed in place' : FATES[watcher]?.replace(/,.*/, '')
  const more = watcher === 'untouched' ? [] : [`monitoring VM ${fate}`]
  const parts = [...nodes, ...more]
  const text = parts.length === 0 ? 'nothing' : parts.join('; ')
  return row.failed === undefined ? text : `**fails** with ${row.failed.join(', ')}: ${text}`
}

/** Both deployments in one cell: `stay` where all do, or how many. */
function staying(rows: readonly Row[], key: 'addresses' | 'peerIds'): string {
  const counts = rows.map((row) => row[key].split(' of ').map(Number))
  // With another prefix no node is there before and after.
  if (counts.every(([, all]) => all === 0)) return 'new'
  if (counts.every(([same, all]) => same === all)) return 'stay'
  if (counts.every(([same]) => same === 0)) return 'new'
  return counts.map(([same, all]) => `${same} of ${all} stay`).join('; ')
}

function values(rows: readonly Row[]): string {
  const kept = rows.map((row) => row.values === 'kept')
  if (kept.every(Boolean)) return 'stay'
  if (!kept.some(Boolean)) return '**lost**'
  return kept.map((stay) => (stay ? 'stay' : '**lost**')).join('; ')
}

/** The day-2 table: what each change does to a deployment that lives, as the tests found it. */
export async function terraformDayTwo(): Promise<string> {
  const [three, six] = await Promise.all([rowsOf('three'), rowsOf('six')])
  // In the order of the six, which have every change.
  return table(
    [
      'change',
      'three nodes, one region',
      'six in three, monitoring',
      'addresses',
      'peer ids',
      'values',
    ],
    six
      .filter(({ what }) => what !== 'nothing')
      .map((row) => {
        const small = three.find(({ what, how }) => what === row.what && how === row.how)
        const both = small === undefined ? [row] : [small, row]
        const plain = /^[a-z_]+$/.test(row.what) || row.what.startsWith('-replace')
        return [
          [plain ? code(row.what) : row.what, row.how].filter((part) => part !== '').join(': '),
          happens(small),
          happens(row),
          staying(both, 'addresses'),
          staying(both, 'peerIds'),
          values(both),
        ]
      }),
  )
}
