import type { Report } from '#orchestrator/report/report-schema.ts'

/** Scenarios that run peers of other implementations, in the order of the table. */
export const PEER_SCENARIOS = ['rust-two-nodes', 'go-two-nodes', 'three-faces', 'mixed-three']

const START = '<!-- measured:peers -->'
const END = '<!-- /measured:peers -->'

/**
 * Who holds what of whom, as a Markdown table made from the reports of real runs: for each variant, each observer's
 * standing with each target that it was asked about. Times are left out, so that every good run makes the same table.
 */
export function peersTable(reports: readonly Report[]): string {
  const rows = reports.flatMap((report) =>
    report.variants.flatMap(({ name, nodes, cells }) => {
      const programOf = new Map(nodes.map((node) => [node.name, node.program]))
      const asked = cells.filter(({ connected }) => connected === true)
      return asked.map(({ observer, target, rung, listed, dialable, cause }) => [
        `\`${report.scenario}\``,
        `\`${name}\``,
        `${observer} (${programOf.get(observer) ?? '?'})`,
        `${target} (${programOf.get(target) ?? '?'})`,
        rung,
        answer(listed),
        answer(dialable),
        // What comes first of several dead addresses depends on the machine; that it is dead does not.
        cause === null ? '' : `\`${cause}\``,
      ])
    }),
  )
  const head = ['scenario', 'variant', 'observer', 'target', 'rung', 'listed', 'dialable', 'cause']
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
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
