import { main } from '#orchestrator/cli.ts'
import type { CommandIo } from '#orchestrator/commands/io.ts'
import type { ScenarioComponents } from '#orchestrator/commands/scenario.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import { createFakeFabric, type FakeFabric, proveAll } from './fake-fabric.ts'

export interface CommandOutcome {
  status: number
  stdout: string
  stderr: string
  /** Fabrics that the command loaded, in order. */
  loaded: FabricName[]
}

export interface CommandSetting extends Partial<
  Pick<CommandIo, 'env' | 'directory' | 'signal' | 'isTerminal'>
> {
  /** Default: fakes of both that do what they are told. */
  fabrics?: Partial<Record<FabricName, FakeFabric>>
  proveRouters?: ScenarioComponents['proveRouters']
  /** Told of everything that goes to standard output, as it comes. */
  onStdout?: (text: string) => void
}

/** Runs a command line in this process, on fakes. */
export async function runCommand(
  words: readonly string[],
  setting: CommandSetting = {},
): Promise<CommandOutcome> {
  const outcome: CommandOutcome = { status: -1, stdout: '', stderr: '', loaded: [] }
  const io: CommandIo = {
    stdout(text) {
      outcome.stdout += text
      setting.onStdout?.(text)
    },
    stderr: (text) => (outcome.stderr += text),
    isTerminal: setting.isTerminal ?? false,
    columns: 88,
    env: setting.env ?? {},
    directory: setting.directory ?? process.cwd(),
    signal: setting.signal ?? new AbortController().signal,
  }
  outcome.status = await main(words, io, {
    load(name) {
      outcome.loaded.push(name)
      return Promise.resolve(setting.fabrics?.[name] ?? createFakeFabric({ name }))
    },
    proveRouters: setting.proveRouters ?? proveAll,
  })
  return outcome
}
