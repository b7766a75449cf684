import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createStyle, wantsColors } from '#node/view/style.ts'
import type { Fabric } from '#orchestrator/fabric/fabric.ts'
import { gridLines } from '#orchestrator/grid/grid-text.ts'
import { runGrid } from '#orchestrator/grid/run-grid.ts'
import { isNatPresetName, NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { type GridAxes, planeText, pointsOf } from '#orchestrator/picture/grid.ts'
import { ReportPlaceError } from '#orchestrator/report/errors.ts'
import { lineWidth } from '#orchestrator/report/format.ts'
import { makeFolder } from '#orchestrator/report/make-folder.ts'
import { pageHtml } from '#orchestrator/report/page.ts'
import { createScreen } from '#orchestrator/report/screen.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import { FABRIC_NAMES, type FabricName } from '#orchestrator/scenario/fabrics.ts'
import { didYouMean } from '#orchestrator/words/nearest.ts'
import { UsageError } from './errors.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { type CommandIo, overwritesLines } from './io.ts'
import type { FabricLoader } from './loaders.ts'
import { selectFabric } from './select.ts'

/** What the user typed: values with commas between. */
export interface MatrixWords {
  /** A's, then B's where there is a second; both have the first otherwise. */
  nat: readonly string[]
  announce: string
  mode: string
  fabric: string
  seed: number
  /** Folder; null is `reports/grid`. */
  report: string | null
  json: boolean
}

/** Runs a pair of nodes in every combination, and shows the grid. */
export async function matrixCommand(
  words: MatrixWords,
  io: CommandIo,
  { load }: { load: FabricLoader },
): Promise<ExitStatus> {
  const axes = axesOf(words)
  const { signal } = io
  const fabrics = new Map<FabricName, Fabric>()
  for (const name of axes.fabric) {
    fabrics.set(name, (await selectFabric(name, null, { signal, load })).fabric)
  }
  const style = createStyle(wantsColors(io.isTerminal, io.env))
  const screen = createScreen({
    write: words.json ? io.stderr : io.stdout,
    live: overwritesLines(io) && !words.json,
    width: io.columns,
  })
  const report = await runGrid(axes, {
    seed: words.seed,
    signal,
    fabrics,
    onCell: (cell, done, all) =>
      screen.hint(`${done} of ${all}: A ${cell.natA}, B ${cell.natB}, ${planeText(cell)}`),
  })
  screen.clear()
  const folder = resolve(io.directory, words.report ?? 'reports/grid')
  await makeFolder(folder).catch((cause: unknown) => {
    throw new ReportPlaceError(`cannot write a report to ${folder}`, { cause })
  })
  const json = JSON.stringify(report)
  const content = { title: `${pointsOf(axes).length} pairs`, lines: null, stream: null, grid: json }
  await writeFile(join(folder, 'grid.json'), `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(join(folder, 'grid.html'), pageHtml(await webClient(), content))
  if (words.json) {
    io.stdout(`${JSON.stringify(report, null, 2)}\n`)
    return EXIT.held
  }
  io.stdout(`${gridLines(report, lineWidth(io.columns), style).join('\n')}\n`)
  io.stdout(`\ngrid ${words.report ?? 'reports/grid'}/grid.html\n`)
  return EXIT.held
}

/** @throws UsageError where a value is none of its axis */
export function axesOf(words: Omit<MatrixWords, 'seed' | 'report' | 'json'>): GridAxes {
  const all = Object.keys(NAT_PRESETS) as NatPresetName[]
  if (words.nat.length > 2) {
    throw new UsageError(
      `expected --nat once (both nodes) or twice (A, then B), saw it ${words.nat.length} times`,
    )
  }
  const [one, other = one] = words.nat
  const nats = (text: string | undefined): NatPresetName[] =>
    text === undefined ? all : listOf('--nat', text, all).filter(isNatPresetName)
  return {
    natA: nats(one),
    natB: nats(other),
    announce: listOf('--announce', words.announce, ['none', 'public'] as const),
    mode: listOf('--mode', words.mode, ['server', 'client'] as const),
    fabric: listOf('--fabric', words.fabric, FABRIC_NAMES),
  }
}

function listOf<Value extends string>(
  option: string,
  text: string,
  known: readonly Value[],
): Value[] {
  const words = [...new Set(text.split(',').map((word) => word.trim()))]
  return words.map((word) => {
    const found = known.find((value) => value === word)
    if (found !== undefined) return found
    throw new UsageError(
      `${option}: expected ${known.join(', ')} with commas between, saw '${word}'${didYouMean(word, known)}`,
    )
  })
}
