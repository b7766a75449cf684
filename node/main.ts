// The one entry of the bundle: env -> config -> node -> signals. Exit status: 0 ended as told, 1 could not start, 2 wrong
// settings or arguments.
import { parseConfig } from './config.ts'
import { describeError } from './errors.ts'
import { createLog } from './log.ts'
import { createPeer } from './peer.ts'

/** Time for an orderly end; a supervisor that sent SIGTERM waits longer. */
const STOP_WITHIN_MS = 1500

/** Each resolves to the exit status. */
const COMMANDS: Readonly<Record<string, () => Promise<number>>> = {
  node: runNode,
}

async function runNode(): Promise<number> {
  const config = parseConfig(process.env)
  const log = createLog({ level: config.logLevel, format: config.logFormat })
  const ended = endSignal()
  await using peer = await createPeer(config, { log })
  await peer.start()
  const listening = peer.libp2p.getMultiaddrs().map(String)
  log.info({ peer: peer.peerId.toString(), listening }, 'started')
  log.info({ why: await ended }, 'stopping')
  setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
  return 0
}

/** Resolves with the first signal that asks the process to end; the end of standard input is none. */
async function endSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
}

async function main(name = 'node', ...rest: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) && rest.length === 0 ? COMMANDS[name] : undefined
  if (command !== undefined) return command()
  const known = Object.keys(COMMANDS).join(', ')
  process.stderr.write(`expected one of ${known}; saw ${[name, ...rest].join(' ')}\n`)
  return 2
}

try {
  process.exit(await main(...process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exit(error instanceof Error && error.name === 'ConfigError' ? 2 : 1)
}
