import { join, resolve } from 'node:path'
import { type Clock, systemClock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import { createStyle, wantsColors } from '#node/view/style.ts'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { runVersions } from '#orchestrator/commands/versions.ts'
import { FabricError } from '#orchestrator/fabric/errors.ts'
import { serveLivePage } from '#orchestrator/live/live-page.ts'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { createAnnotations } from '#orchestrator/report/annotations.ts'
import { createFolderReport } from '#orchestrator/report/folder.ts'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { publishRun, runFolderName } from '#orchestrator/report/run-place.ts'
import { createTerminalReport } from '#orchestrator/report/terminal.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import {
  runScenario,
  type RunComponents,
  type RunOutcome,
  type RunPacket,
} from '#orchestrator/run/run.ts'
import { DEFAULT_VARIANT } from '#orchestrator/scenario/effective.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { misfit } from '#orchestrator/scenario/fabric-fit.ts'
import { fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import type { LoadedScenario } from '#orchestrator/scenario/load.ts'
import { wallNow } from '#orchestrator/time/wall.ts'
import { didYouMean } from '#orchestrator/words/nearest.ts'
import { Determinism, differenceLines } from './determinism.ts'
import { RunTimeoutError, UsageError } from './errors.ts'
import { EXIT, type ExitStatus, failureOf } from './exit-status.ts'
import type { FabricChoice } from './fabric-choice.ts'
import { type CommandIo, overwritesLines } from './io.ts'
import type { FabricLoader } from './loaders.ts'
import { type SelectedFabric, selectFabric } from './select.ts'
import { untilAborted } from './until-aborted.ts'

export interface ScenarioOptions {
  fabric: FabricChoice
  /** Names; empty runs all. */
  variants: readonly string[]
  seed: number
  /** Folder; null is `reports/<scenario>-<fabric>/<time>`, with a link `latest` beside it. */
  report: string | null
  keep: boolean
  /** Serve a page that follows the run, until the user ends it. */
  watch: boolean
  /** Write every packet. */
  pcap: boolean
  /** Apply remedies and run again. */
  cure: boolean
  timeoutMs: number
  /** What standard output gets: a text for people, the report as JSON, or the events as lines of JSON. */
  print: 'text' | 'report' | 'events'
  /** Whether a simulated network passes its time at the pace of the real world. */
  realTime: boolean
  /** Whether it runs twice, to see that the same seed gives the same events. */
  checkDeterminism: boolean
}

export interface ScenarioComponents {
  load: FabricLoader
  proveRouters: RunComponents['proveRouters']
}

/** Runs a scenario and reports it. Throws what keeps it from running; returns the verdict's exit status. */
export async function runScenarioCommand(
  nameOrPath: string,
  options: ScenarioOptions,
  io: CommandIo,
  components: ScenarioComponents,
): Promise<ExitStatus> {
  const loaded = await findScenario(nameOrPath, { directory: io.directory })
  checkVariants(loaded, options.variants)
  const { load } = components
  checkFits(loaded, options.fabric)
  const selected = await selectFabric(options.fabric, loaded.scenario, { signal: io.signal, load })
  const { fabric } = selected
  const plan = planner(loaded, selected, options)
  // What this fabric cannot have is reported at the scenario's line before anything is started.
  const plans = plan(await fabric.takenSubnets({ signal: io.signal }))
  // Who looks into a lab, now or once it is kept, looks at the pace of the real world.
  const looks = options.realTime || options.keep || options.watch
  const simulated = fabricFacts(fabric.name).simulatesTime && !looks
  if (options.checkDeterminism && !simulated) {
    throw new UsageError(
      '--check-determinism is for simulated time: --fabric sim, and none of --real-time, --keep and --watch',
    )
  }

  if (options.pcap && !fabricFacts(fabric.name).seesPackets) {
    throw new UsageError(`--pcap is for --fabric sim: ${fabric.name} does not show its packets`)
  }

  const { name } = loaded.scenario
  // Each run has a folder of its own; the newest is found under one name.
  const shared = resolve(io.directory, `reports/${name}-${fabric.name}`)
  const place =
    options.report === null
      ? join(shared, runFolderName(new Date(wallNow())))
      : resolve(io.directory, options.report)
  await using folderReport = await createFolderReport(place)
  const finishReport = async (): Promise<{ path: string; report: Report }> => {
    const { path, report } = await folderReport.finish()
    return { path: options.report === null ? await publishRun(shared, path) : path, report }
  }
  const show = SHOWS[options.print](io)
  await using livePage = options.watch ? await serveLivePage(`${name} on ${fabric.name}`) : null
  const say = options.print === 'text' ? io.stdout : io.stderr
  if (livePage !== null) say(`watch it at ${livePage.url}\n`)
  function onEvent(event: RunEvent): void {
    folderReport.onEvent(event)
    livePage?.onEvent(event)
    show(event)
  }

  function onPacket(packet: RunPacket): void {
    folderReport.onPacket(packet)
    livePage?.onPacket(packet)
  }

  const inTime = <T>(run: (clock: Clock) => Promise<T>): Promise<T> =>
    simulated ? fabric.withClock(options.seed, run) : run(systemClock)
  let failedAtMs = 0
  const runOn = async (
    clock: Clock,
    signal: AbortSignal,
    onEvent: (event: RunEvent) => void,
  ): Promise<RunOutcome> => {
    const startedAt = clock.now()
    try {
      return await runScenario(
        { fabric, clock, proveRouters: components.proveRouters },
        {
          scenario: name,
          title: loaded.scenario.title,
          about: loaded.scenario.about,
          extends: loaded.scenario.extends,
          seed: options.seed,
          time: simulated ? 'simulated' : 'real',
          fabricDetail: selected.detail,
          versions: runVersions(selected.engine),
          plans,
          replan: plan,
          keep: options.keep,
          cure: options.cure,
          signal,
          onEvent,
          ...(options.pcap && { onPacket }),
        },
      )
    } catch (error) {
      failedAtMs = Math.round(clock.now() - startedAt)
      throw error
    }
  }
  const runOnce = (signal: AbortSignal, onEvent: (event: RunEvent) => void): Promise<RunOutcome> =>
    inTime((clock) => runOn(clock, signal, onEvent))
  const determinism = options.checkDeterminism ? new Determinism() : null
  let outcome: RunOutcome
  try {
    outcome = await runInTime(options.timeoutMs, io.signal, (signal) =>
      runOnce(signal, (event) => {
        determinism?.record(event)
        onEvent(event)
      }),
    )
  } catch (error) {
    onEvent({ type: 'run-failed', ...failureOf(error, io.signal), atMs: failedAtMs })
    const { path } = await finishReport()
    if (options.print !== 'report')
      say(`report of what was known by then ${relativeTo(io.directory, path)}\n`)
    if (selected.next !== null && error instanceof FabricError) {
      io.stderr(`auto chose ${fabric.name}, which failed; --fabric ${selected.next} runs it too:\n`)
    }
    throw error
  }
  await using lab = new AsyncDisposableStack()
  const keptHere = fabricFacts(fabric.name).inProcess && outcome.kept !== null
  if (keptHere) lab.use({ [Symbol.asyncDispose]: () => stopKept(outcome) })
  const { path, report } = await finishReport()
  if (options.print === 'report') io.stdout(`${JSON.stringify(report, null, 2)}\n`)
  else say(`report ${relativeTo(io.directory, path)}\n`)
  if (livePage !== null) say(`its page stays at ${livePage.url} until Ctrl-C\n`)
  if (keptHere || livePage !== null) await untilAborted(io.signal)
  if (determinism !== null) {
    await runInTime(options.timeoutMs, io.signal, (signal) =>
      runOnce(signal, (event) => determinism.compare(event)),
    )
    if (!reportDeterminism(determinism, say)) return EXIT.failed
  }
  return outcome.holds ? EXIT.held : EXIT.failed
}

function reportDeterminism(determinism: Determinism, write: (text: string) => void): boolean {
  const difference = determinism.difference()
  const lines =
    difference === null
      ? [`✔ a second run of the seed had the same ${determinism.count} events, byte for byte`]
      : differenceLines(difference)
  write(lines.map((line) => `${line}\n`).join(''))
  return difference === null
}

function planner(
  loaded: LoadedScenario,
  { fabric }: SelectedFabric,
  { seed, variants }: ScenarioOptions,
): (taken: readonly string[]) => Plan[] {
  const { sameSubnets } = fabricFacts(fabric.name)
  const wanted = variants.length === 0 ? {} : { variants }
  return (taken) => planLoaded(loaded, { seed, taken, sameSubnets, ...wanted })
}

function checkVariants({ scenario, file }: LoadedScenario, wanted: readonly string[]): void {
  const known = Object.keys(scenario.variants ?? { [DEFAULT_VARIANT]: {} })
  const unknown = wanted.find((variant) => !known.includes(variant))
  if (unknown === undefined) return
  throw new ScenarioError(
    `${file} has no variant '${unknown}'; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}${didYouMean(unknown, known)}`,
  )
}

function terminalReport(io: CommandIo): (event: RunEvent) => void {
  return createTerminalReport({
    write: io.stdout,
    live: overwritesLines(io),
    columns: io.columns,
    style: createStyle(wantsColors(io.isTerminal, io.env)),
  })
}

/** What each way to print does with an event. */
const SHOWS: Readonly<
  Record<ScenarioOptions['print'], (io: CommandIo) => (event: RunEvent) => void>
> = {
  text: (io) => annotated(io, terminalReport(io)),
  report: keptReport,
  events: (io) => (event) => io.stdout(`${JSON.stringify(event)}\n`),
}

/** On GitHub Actions with what its log makes of a run. */
function annotated(io: CommandIo, show: (event: RunEvent) => void): (event: RunEvent) => void {
  if (io.env['GITHUB_ACTIONS'] !== 'true') return show
  const annotations = createAnnotations(io.stdout)
  return (event) => {
    annotations.before(event)
    show(event)
    annotations.after(event)
  }
}

/** Standard output is the report's alone; who leaves a lab up must still learn how to end it. */
function keptReport(io: CommandIo): (event: RunEvent) => void {
  return (event) => {
    if (event.type === 'kept') io.stderr(`${event.text}\n`)
  }
}

async function runInTime<T>(
  timeoutMs: number,
  interrupted: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return within(systemClock, timeoutMs, interrupted, run, (error) => {
    // A TimeoutError says only that the time was over.
    const cause = error instanceof Error && error.name === 'TimeoutError' ? {} : { cause: error }
    throw new RunTimeoutError(
      `the run took longer than ${timeoutMs / 1000} s and was given up; --timeout SECONDS gives it more`,
      cause,
    )
  })
}

async function stopKept({ kept }: RunOutcome): Promise<void> {
  await kept?.stop()
}

function relativeTo(directory: string, path: string): string {
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path
}

/** @throws ScenarioError at a program or a step that the fabric of the user's choice cannot run */
function checkFits(loaded: LoadedScenario, choice: FabricChoice): void {
  const fault = choice === 'auto' ? null : misfit(loaded.scenario, choice)
  if (fault !== null) throw loaded.errorAt([fault])
}
