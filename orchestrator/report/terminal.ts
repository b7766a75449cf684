import type { Cell } from '#node/view/cell.ts'
import { discoveryLines } from '#node/view/discovery.ts'
import type { Style } from '#node/view/style.ts'
import { formatMs, wrap } from '#node/view/text.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import type { ExpectationResult, RunEvent } from '#orchestrator/run/events.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { stepWord } from '../words/steps/steps.ts'
import { type TableHealth, tableHealthText } from '../words/table-health.ts'
import { createReportCollector } from './collect.ts'
import { cureEndLines, doneLines, outcomeLines } from './cure-view.ts'
import { isCrowd, lineWidth } from './format.ts'
import { crowdProofLines, proofHead, proofLegend, proofLines } from './proof-view.ts'
import { createScreen } from './screen.ts'
import { sideBySideLines } from './side-by-side.ts'
import { topologyLines } from './topology-view.ts'

export interface TerminalOptions {
  write: (text: string) => void
  /** Whether the output is a terminal whose last line can be overwritten. */
  live: boolean
  /** Characters in a line; the report uses 60 to 120 of them. */
  columns: number
  style: Style
  /** The real world's milliseconds since the epoch. */
  now?: () => number
}

/** Times stand behind texts of this width, near enough to be read with them. */
const TEXT_WIDTH = 56
/** A mark before a text, and a time behind it. */
const TIME_WIDTH = 12

/** What people see of a run, while it runs: one consumer of its events. */
export function createTerminalReport(options: TerminalOptions): (event: RunEvent) => void {
  const { style } = options
  const width = lineWidth(options.columns)
  const screen = createScreen({ ...options, width: options.columns })
  const collector = createReportCollector(options.now)
  let plan: Plan | null = null
  const proofs: NatProof[] = []
  /** Of the variant that runs. */
  let tables: Pick<TableHealth, 'recall' | 'dead'> | null = null
  /** Of the variant that runs: observer and target of each expectation. */
  const expectedPairs = new Set<string>()

  function section(title: string, rest = ''): string {
    const text = `── ${title} ──${rest === '' ? '' : ` ${rest} `}`
    const rule = '─'.repeat(Math.max(0, width - text.length))
    return `${style('dim', '──')} ${style('bold', title)} ${style('dim', '──')}${rest === '' ? '' : ` ${rest} `}${style('dim', rule)}`
  }

  function printRunStart(event: Extract<RunEvent, { type: 'run-start' }>): void {
    screen.print(
      `${style('bold', event.scenario)} on ${style('bold', event.fabric)}, seed ${event.seed}`,
      ...wrap(event.title, width),
      ...(event.about === undefined ? [] : wrap(event.about.replaceAll(/\s+/g, ' ').trim(), width)),
      ...(event.extends === undefined ? [] : [style('dim', `extends ${event.extends}`)]),
      ...(event.fabricDetail === ''
        ? []
        : wrap(event.fabricDetail, width).map((line) => style('dim', line))),
      '',
    )
  }

  function printNetwork(durationMs: number): void {
    const variant = plan?.variants[0]
    if (plan === null || variant === undefined) return
    screen.print(
      ...indented(topologyLines(plan, variant, style)),
      style('dim', `  up in ${formatMs(durationMs)}`),
    )
    proofs.length = 0
  }

  function printProof(proof: NatProof): void {
    const all = plan?.routers ?? []
    proofs.push(proof)
    // Two of each router: TCP and UDP.
    const isLast = proofs.length === 2 * all.length
    const isShort = isCrowd(plan?.variants[0]?.nodes ?? [])
    // Of a crowd nobody has a line of its own that its name would have to fit in.
    const routers = isShort ? all.map((each) => ({ ...each, name: `${all.length} routers` })) : all
    if (proofs.length === 1) screen.print('', `  ${proofHead(routers, style)}`)
    if (!isShort) screen.print(...indented(proofLines(proof, routers, style)))
    else if (isLast) screen.print(...indented(crowdProofLines(proofs, routers, style)))
    if (isLast) screen.print(...indented(proofLegend(proofs, style)))
  }

  function printExpectation(result: ExpectationResult): void {
    if (result.target !== null) expectedPairs.add(`${result.observer} ${result.target}`)
    const mark = result.holds ? style('green', '✔') : style('red', '✘')
    const time = style('dim', formatMs(result.afterMs).padStart(8))
    screen.print(`  ${mark} ${result.text.padEnd(Math.min(TEXT_WIDTH, width - TIME_WIDTH))}${time}`)
    if (result.holds) return
    const lines = wrap(`expected ${result.expected}, saw ${result.seen}`, width - 4)
    screen.print(...lines.map((line) => style('red', `    ${line}`)))
  }

  function printCells(cells: readonly Cell[], variant: string): void {
    const nodes = plan?.variants.find(({ name }) => name === variant)?.nodes ?? []
    if (nodes.length < 2) return
    const names = nodes.map(({ name }) => name)
    const joins = new Set(
      nodes.flatMap((node) => node.startsAfter.map((to) => `${node.name} ${to}`)),
    )
    // A scenario that expects nothing is run to see everything.
    const isUnasked = ({ observer, target }: Cell): boolean =>
      expectedPairs.size > 0 &&
      !expectedPairs.has(`${observer} ${target}`) &&
      !joins.has(`${observer} ${target}`) &&
      !joins.has(`${target} ${observer}`)
    const isShort = isCrowd(nodes)
    const view = { cells, observers: names, targets: names, isUnasked, isShort }
    screen.print('', ...indented(discoveryLines(view, width - 2, style)))
    if (!isShort) return
    const health = tables === null ? [] : [`  routing tables: ${tableHealthText(tables)}`]
    screen.print('', ...health, style('dim', '  every pair is in the report'))
  }

  function printVariantEnd(event: Extract<RunEvent, { type: 'variant-end' }>): void {
    const { startMs, connectedMs, listedMs } = event.timings
    const times = [
      `started ${formatMs(startMs)}`,
      ...(connectedMs === null ? [] : [`connected +${formatMs(connectedMs)}`]),
      ...(listedMs === null ? [] : [`listed +${formatMs(listedMs)}`]),
    ]
    const verdict = event.holds
      ? style('green', `✔ ${event.variant} holds`)
      : style(['red', 'bold'], `✘ ${event.variant} does not hold`)
    const silent = Object.keys(event.announced).filter((node) => event.announced[node] === null)
    if (silent.length > 0) {
      const text = `${silent.join(', ')} did not answer: it runs and hangs, or something has stopped it`
      screen.print('', ...wrap(text, width - 4).map((line) => style('red', `  ${line}`)))
    }
    screen.print('', `  ${verdict}  ${style('dim', times.join(', '))}`)
  }

  function printRunEnd(): void {
    const report = collector.report()
    if (report === null) return
    if (report.variants.length > 1) {
      screen.print(
        '',
        section('side by side'),
        '',
        ...indented(sideBySideLines(report, width - 2, style)),
      )
    }
    const fallen = report.variants.filter(({ holds }) => !holds).map(({ name }) => name)
    const verdict =
      fallen.length === 0
        ? style(['green', 'bold'], `✔ ${report.scenario} holds on ${report.fabric}`)
        : style(
            ['red', 'bold'],
            `✘ ${report.scenario} does not hold on ${report.fabric}: ${fallen.join(', ')}`,
          )
    const { durationMs, simulatedMs, seed } = report
    const simulated = simulatedMs === null ? '' : `${formatMs(simulatedMs)} of simulated time in `
    const took = `(${simulated}${formatMs(durationMs)}, seed ${seed})`
    screen.print('', `${verdict} ${style('dim', took)}`)
  }

  return (event) => {
    collector.onEvent(event)
    switch (event.type) {
      case 'run-start':
        printRunStart(event)
        break
      case 'progress':
        screen.status(event.text)
        break
      case 'plan':
        plan = event.plan
        break
      case 'network-up':
        printNetwork(event.durationMs)
        if ((plan?.routers.length ?? 0) > 0) screen.hint('measuring what the routers do')
        break
      case 'nat-proof': {
        printProof(event.proof)
        break
      }
      case 'variant-start':
        expectedPairs.clear()
        tables = null
        screen.print('', section(event.variant, event.title), '')
        screen.hint('starting nodes')
        break
      case 'step':
        if (!stepWord(event.step).hasResult) {
          screen.print(`  ${style('dim', '▸')} ${stepText(event.step)}`)
        }
        screen.hint(stepText(event.step))
        break
      case 'expectation':
        printExpectation(event.result)
        break
      case 'tables':
        tables = event
        break
      case 'cells':
        printCells(event.cells, event.variant)
        break
      case 'variant-end':
        printVariantEnd(event)
        break
      case 'cure-round':
        screen.print(
          '',
          section(`${event.variant}: remedies`),
          '',
          ...indented(doneLines(event.actions, style)),
        )
        break
      case 'cured':
        screen.print('', ...indented(outcomeLines(event, style)))
        break
      case 'cure-end':
        screen.print('', ...indented(cureEndLines(event, width - 2, style)))
        break
      case 'engine-lost':
        screen.print(style('red', `the engine ${event.engine} left: the run is given up`))
        break
      case 'router-exit':
        screen.print(style('red', `${event.router} ended: the run is given up`))
        break
      case 'node-exit':
        screen.print(
          style(
            'red',
            `  ✘ ${event.node} ended by itself (exit code ${event.exitCode ?? 'unknown'})`,
          ),
          ...event.lastLines.map((line) => style('dim', `    ${line}`)),
        )
        break
      case 'kept':
        screen.print('', ...event.text.split('\n').map((line) => `  ${line}`))
        break
      case 'run-end':
        printRunEnd()
        break
      case 'run-failed':
        screen.clear()
        break
      case 'node-up':
      case 'node-event':
      case 'node-log':
      case 'router-state':
    }
  }
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}
