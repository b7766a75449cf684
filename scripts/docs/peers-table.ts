import type { Report } from '#orchestrator/report/report-schema.ts'

/** Scenarios that run peers of other implementations, in the order of the table. */
export const PEER_SCENARIOS = ['rust-two-nodes', 'go-two-nodes', 'three-faces', 'mixed-three']

const START = '<!-- measured:peers -->'
const END = '<!-- /measured:peers -->'

/** Expectations that settle how a target stands at an observer. */
const SETTLING: ReadonlySet<string> = new Set(['not-lists', 'dialable', 'not-dialable'])

/**
 * Who holds what of whom, as a Markdown table made from the reports of real runs: for each variant, how each target stands
 * at each observer of which the scenario expects more than a listing. Without times, and without standings that nobody
 * waited for: so every good run makes the same table.
 */
export function peersTable(reports: readonly Report[]): string {
  const rows = reports.flatMap((report) =>
    report.variants.flatMap(({ name, nodes, cells, expectations }) => {
      const programOf = new Map(nodes.map((node) => [node.name, node.program]))
      const settled = new Set(
        expectations
          .filter(({ word }) => SETTLING.has(word))
          .map(({ observer, target }) => `${observer} ${target}`),
      )
      const asked = cells.filter(({ observer, target }) => settled.has(`${observer} ${target}`))
      return asked.map(({ observer, target, rung, listed, dialable, cause }) => [
        `\`${report.scenario}\``,
        `\`${name}\``,
        `${observer} (${programOf.get(observer) ?? '?'})`,
        `${target} (${programOf.get(target) ?? '?'})`,
        rung,
        answer(listed),
        answer(dialable),
        cause === null ? '' : `\`${cause}\``,
      ])
    }),
  )
  const head = ['scenario', 'variant', 'observer', 'target', 'rung', 'listed', 'dialable', 'cause']
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function answer(value: boolean | null): string {
  if (value === null) return 'unknown'
  return value ? 'yes' : 'no'
}

/** The document with the table put between its marks. */
export function fillPeersTable(document: string, table: string): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)]
  if (start === -1 || end < start) throw new Error(`expected the marks ${START} and ${END}`)
  return `${document.slice(0, start + START.length)}\n${table}\n${document.slice(end)}`
}
