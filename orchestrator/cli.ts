// kadlab scenario | lab | proof | clean, and the npm scripts of these names: parses, calls a command, sets the exit status.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { describeError, firstFailure, KadlabError } from '#node/base/errors.ts'
import { startedByNpm } from '#node/base/typed.ts'
import { VERSION } from '#node/base/version.ts'
import { visibleLines } from '#node/base/visible.ts'
import { InterruptedError } from './commands/errors.ts'
import { EXIT, exitStatusOf, type ExitStatus } from './commands/exit-status.ts'
import { enginesOption, type FabricChoice, fabricOption } from './commands/fabric-choice.ts'
import type { CommandIo } from './commands/io.ts'
import { loadFabric, onEngines } from './commands/loaders.ts'
import { refuseSwallowedFlags } from './commands/npm-flags.ts'
import type { ScenarioComponents, ScenarioOptions } from './commands/scenario.ts'
import { describeLeftovers } from './fabric/labs-up.ts'

/** What tests put in the place of real fabrics and probes. */
export type CliComponents = Partial<ScenarioComponents>

interface ScenarioFlags {
  fabric: FabricChoice
  engines?: string
  variant?: string[]
  seed: number
  report?: string
  keep?: true
  watch?: true
  pcap?: true
  cure?: true
  timeout: number
  json?: true
  events?: true
  realTime?: true
  checkDeterminism?: true
}

interface CleanWords {
  kept?: boolean
  images?: boolean
  engines?: string
}

interface MatrixFlags {
  nat?: string[]
  announce: string
  mode: string
  fabric: string
  seed: number
  report?: string
  json?: boolean
}

/**
 * Runs a command line and returns its exit status; never throws.
 *
 * @param words - the arguments, the command's name first
 */
export async function main(
  words: readonly string[],
  io: CommandIo,
  components: CliComponents = {},
): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.held
  const program = createProgram(io, components, (ended) => (status = ended))
  try {
    await refuseSwallowedFlags(words, program.commands, io.env)
    await program.parseAsync(
      words.filter((word) => word !== '--'),
      { from: 'user' },
    )
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.usage
    // The abort of an interrupted run comes through as whatever gave up first.
    const ended = io.signal.aborted ? EXIT.interrupted : exitStatusOf(error)
    const left = describeLeftovers()
    const interrupted = left === null ? 'interrupted; nothing is left behind' : 'interrupted'
    io.stderr(`${ended === EXIT.interrupted ? interrupted : visibleLines(errorText(error))}\n`)
    if (left !== null) io.stderr(`${left}\n`)
    return ended
  }
}

function createProgram(
  io: CommandIo,
  components: CliComponents,
  end: (status: ExitStatus) => void,
): Command {
  const program = new Command(startedByNpm(io.env) ? 'npm run' : 'kadlab')
    .description('Kademlia peers behind NATs: who discovers whom, and why not.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .configureHelp({ helpWidth: io.columns })

  const behind = startedByNpm(io.env) ? '-- [options]' : '[options]'
  program
    .command('scenario')
    .usage(`[name or path.yaml] ${behind}`)
    .description('run a scenario and report it; without a name, list them')
    .argument('[scenario]', 'a scenario of the catalogue, or the path of a YAML file')
    .addOption(fabricOption())
    .addOption(enginesOption())
    .option('--variant <name>', 'run this variant only; may be given again', collect)
    .option('--seed <n>', 'decides every identity and random choice', wholeNumber, 1)
    .option(
      '--cure',
      'apply the remedies of red pairs and run again, until nothing is left to cure',
    )
    .option(
      '--report <dir>',
      'folder of the report (default: reports/<scenario>-<fabric>/<time>, the newest as latest)',
    )
    .option('--keep', 'leave the lab up, and say how to look into it')
    .option('--watch', 'serve a page that follows the run, on this machine alone, until Ctrl-C')
    .option('--pcap', 'write every packet to packets.pcapng in the report, for Wireshark (sim)')
    .option('--timeout <seconds>', 'give the run up after this time', positiveNumber, 900)
    .option(
      '--real-time',
      'let simulated time pass as slowly as real time (sim; so do --keep and --watch)',
    )
    .option('--check-determinism', 'run twice, and name the first event that differs (sim)')
    .option('--json', 'print the report as JSON and nothing else')
    .addOption(
      new Option(
        '--events',
        'print events, and what nodes log, as they happen: a line of JSON each, and nothing else',
      ).conflicts('json'),
    )
    .action(async (name: string | undefined, flags: ScenarioFlags) => {
      if (name === undefined) {
        const { listCommand } = await import('./commands/list.ts')
        end(await listCommand(io))
        return
      }
      const { runScenarioCommand } = await import('./commands/scenario.ts')
      const options = {
        fabric: flags.fabric,
        seed: flags.seed,
        variants: flags.variant ?? [],
        report: flags.report ?? null,
        keep: flags.keep ?? false,
        watch: flags.watch ?? false,
        pcap: flags.pcap ?? false,
        cure: flags.cure ?? false,
        timeoutMs: flags.timeout * 1000,
        print: printOf(flags),
        realTime: flags.realTime ?? false,
        checkDeterminism: flags.checkDeterminism ?? false,
      }
      end(await runScenarioCommand(name, options, io, await whole(components, flags.engines)))
    })

  program
    .command('proof')
    .usage(startedByNpm(io.env) ? '-- <nat preset> [options]' : '<nat preset> [options]')
    .description('measure what the routers of a NAT preset do')
    .argument('<preset>', 'one-to-one, symmetric, cgnat, ...')
    .addOption(fabricOption())
    .addOption(enginesOption())
    .action(async (preset: string, flags: { fabric: FabricChoice; engines?: string }) => {
      const { proofCommand } = await import('./commands/proof.ts')
      const all = await whole(components, flags.engines)
      end(await proofCommand(preset, flags.fabric, io, all))
    })

  program
    .command('matrix')
    .usage(behind)
    .description(
      'run a pair of nodes in every combination: A behind one NAT, B, which joins through A, behind another',
    )
    .option(
      '--nat <presets>',
      'with commas; once for both nodes, or twice: A, then B (default: all)',
      collect,
    )
    .option(
      '--announce <what>',
      'none, public: whether both announce their public address',
      'none,public',
    )
    .option('--mode <modes>', 'server, client: how B runs Kademlia', 'server,client')
    .option(
      '--fabric <fabrics>',
      'sim, netns, docker (in real time each combination takes a minute)',
      'sim',
    )
    .option('--seed <n>', 'decides every identity and random choice', wholeNumber, 1)
    .option('--report <dir>', 'folder of grid.html and grid.json (default: reports/grid)')
    .option('--json', 'print the grid as JSON and nothing else')
    .action(async (flags: MatrixFlags) => {
      const { matrixCommand } = await import('./commands/matrix.ts')
      const { nat = [], report = null, json = false } = flags
      const words = { ...flags, nat, report, json }
      end(await matrixCommand(words, io, { load: components.load ?? loadFabric }))
    })

  program
    .command('engine')
    .description('examine the Docker engine that labs would use, and measure one router there')
    .action(async () => {
      const { engineCommand } = await import('./commands/engine.ts')
      end(await engineCommand(io, await whole(components)))
    })

  program
    .command('clean')
    .usage(behind)
    .description('remove what killed runs left on the Docker engine')
    .argument('[lab]', 'this lab only, kept or not, of whatever machine')
    .option('--kept', 'kept labs too, and those of runs on other machines')
    .option('--images', 'images too that no container uses; the next run builds its own anew')
    .addOption(enginesOption())
    .action(async (lab: string | undefined, flags: CleanWords) => {
      const { cleanCommand } = await import('./commands/clean.ts')
      const { kept = false, images = false } = flags
      const { load } = await whole(components, flags.engines)
      const swarm = flags.engines !== undefined
      end(await cleanCommand({ lab: lab ?? null, kept, images, swarm }, io, { load }))
    })

  program
    .command('lab')
    .usage(behind)
    .description(
      'serve a page in which scenarios are picked, written and run, on this machine alone, until Ctrl-C',
    )
    .option('--port <n>', 'where it listens (default: a free port)', portNumber)
    .action(async ({ port = 0 }: { port?: number }) => {
      const { labCommand } = await import('./commands/lab.ts')
      end(await labCommand({ port, entry: process.argv[1] ?? '' }, io))
    })

  program
    .command('init')
    .usage('[path.yaml]')
    .description('write a scenario with comments, to begin with')
    .argument('[file]', 'path of the new file', 'my-network.yaml')
    .action(async (file: string) => {
      const { initCommand } = await import('./commands/init.ts')
      end(await initCommand(file, io))
    })

  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  return program
}

function printOf({ json, events }: ScenarioFlags): ScenarioOptions['print'] {
  if (json) return 'report'
  return events ? 'events' : 'text'
}

async function whole(components: CliComponents, engines?: string): Promise<ScenarioComponents> {
  const { proveRouters } = components.proveRouters
    ? { proveRouters: components.proveRouters }
    : await import('./proof/prove.ts')
  return { load: onEngines(components.load ?? loadFabric, engines ?? null), proveRouters }
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 0xff_ff_ff_ff) return Number(text)
  throw new InvalidArgumentError('expected a whole number from 0 to 4294967295.')
}

function portNumber(text: string): number {
  const number = wholeNumber(text)
  if (number <= 65_535) return number
  throw new InvalidArgumentError('expected a port: a whole number from 0 to 65535.')
}

function positiveNumber(text: string): number {
  const number = Number(text)
  if (number > 0 && number <= 86_400) return number
  throw new InvalidArgumentError('expected seconds, more than 0 and at most 86400.')
}

/** What the user can act on; the stack only of what nobody foresaw. */
function errorText(error: unknown): string {
  const first = firstFailure(error)
  if (first instanceof KadlabError || !(error instanceof Error)) return describeError(error)
  return `unexpected: ${error.stack ?? describeError(error)}`
}

const DEFAULT_COLUMNS = 88

/** The process as a command sees it. */
function processIo(signal: AbortSignal): CommandIo {
  const { env } = process
  // Some terminals give 0, a pipe gives undefined: neither is more than 0.
  const { columns } = process.stdout
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY,
    columns: columns > 0 ? columns : DEFAULT_COLUMNS,
    env,
    directory: (startedByNpm(env) ? env['INIT_CWD'] : undefined) ?? process.cwd(),
    signal,
  }
}

/** Resolves once everything that was written is on its way, or nobody reads any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()))
}

if (process.argv[1] === import.meta.filename) {
  const controller = new AbortController()
  const interrupt = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      controller.abort(new InterruptedError(`ended by ${name}`))
      process.stderr.write('ending; once more ends at once\n')
      return
    }
    process.stderr.write(
      `ended at once; ${describeLeftovers() ?? 'nothing is left at the engine'}\n`,
    )
    process.exit(EXIT.interrupted)
  }
  // A terminal that is closed ends what runs in it as Ctrl-C does.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt)
  // `... | head` closes the pipe: without a listener the process would die and leave its lab behind.
  process.stdout.on('error', () => {
    controller.abort(new InterruptedError('nobody reads the output any more'))
  })
  const status = await main(process.argv.slice(2), processIo(controller.signal))
  await Promise.all([process.stdout, process.stderr].map(flushed))
  // Everything is stopped by now. libp2p leaves timers behind that would hold the prompt back for two seconds.
  process.exit(status)
}
