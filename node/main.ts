import { readFile } from 'node:fs/promises'
import { describeError } from './base/errors.ts'
import { createLog, logOf, type LogOptions } from './base/log.ts'
import { visibleLines } from './base/visible.ts'
import { boundHeap } from './bounded-heap.ts'
// The one entry of the bundle: env -> config -> node -> signals. Exit status: 0 ended as told, 1 could not start, 2 wrong
// settings or arguments.
import { type NodeConfig, parseConfig } from './config/config.ts'
import { openFaces } from './faces.ts'
import { keepHeap } from './idle-heap.ts'
import type { NodeMetrics } from './metrics/metrics.ts'
import { createNode } from './node.ts'
import { collectStartGarbage } from './start-garbage.ts'
import { watchLateness } from './time/lateness.ts'
import { createStyle, wantsColors } from './view/style.ts'

/** Time for an orderly end; a supervisor that sent SIGTERM waits longer. */
const STOP_WITHIN_MS = 1500

interface Command {
  /** Words that may follow its name. */
  words: number
  /** Resolves to the exit status. */
  run: (words: string[]) => Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  node: { words: 0, run: runOwn },
  'stock-js': { words: 0, run: runStock },
  shell: { words: Infinity, run: openShell },
  doctor: { words: Infinity, run: seeDoctor },
  'api-gateway': { words: 2, run: runGateway },
}

async function runOwn(): Promise<number> {
  boundHeap()
  return runNode(createNode)
}

/** js-libp2p as it comes, to be compared with. */
async function runStock(): Promise<number> {
  const { createStockNode } = await import('./stock/stock-node.ts')
  return runNode(createStockNode)
}

async function runNode(create: typeof createNode): Promise<number> {
  const config = parseConfig(process.env)
  const unnamedLog = createLog(logOptions(config))
  const ended = endSignal()
  const metrics = await metricsFor(config)
  const counting = metrics === null ? {} : { metrics, libp2pMetrics: true }
  // Events count from the start of the process, which was before its modules were loaded.
  const agedMs = performance.now()
  await using node = await create(config, {
    log: unnamedLog,
    agedMs,
    watchLateness,
    ...counting,
  })
  const log = logOf(node.peerId, unnamedLog, config.peerNames)
  await node.start()
  const { listening, announced } = await node.api.status()
  // As others name it in BOOTSTRAP.
  const full = announced.map((address) => `${address}/p2p/${node.peerId}`)
  log.info({ peerId: node.peerId, listening, announced: full }, 'started')
  const { api } = node
  const { stdin: input, stdout: output } = process
  await using _faces = await openFaces(config, { api, log, metrics, input, output })
  using _garbage = collectStartGarbage()
  using _heap = keepHeap()
  const why = await ended
  log.info({ why }, 'stopping')
  setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
  await node.stop({ why })
  return 0
}

/** A prompt for the node whose API listens where this environment says; or one command of it, given as words. */
async function openShell(words: string[]): Promise<number> {
  const { apiListen, apiToken, peerNames: names } = parseConfig(process.env)
  if (apiListen === null) {
    process.stderr.write('expected API_LISTEN, where the API of a running node listens; saw none\n')
    return 2
  }
  const [{ runLine, runShell }, { createHttpClient }] = await Promise.all([
    import('./shell.ts'),
    import('./api/http/client.ts'),
  ])
  const { stdin: input, stdout: output, stderr: errors, env } = process
  const style = createStyle(wantsColors(output.isTTY, env))
  const context = {
    api: createHttpClient(apiListen, apiToken),
    names,
    width: output.columns ?? 80,
    style,
  }
  if (words.length > 0) {
    // What a pipe gets is for programs, as it is.
    const shown = (text: string): string => (output.isTTY ? visibleLines(text) : text)
    const print = (text: string): void => void output.write(shown(text))
    const { text, ok } = await runLine({ ...context, print }, words.join(' '))
    ;(ok ? output : errors).write(shown(text))
    return ok ? 0 : 1
  }
  return runShell({ ...context, input, output, interactive: input.isTTY && output.isTTY })
}

/** Examines a peer of whichever implementation. */
async function seeDoctor(words: string[]): Promise<number> {
  const { runDoctor } = await import('./doctor/command.ts')
  const { env, stdin: input, stdout: output, stderr: errors } = process
  const colors = wantsColors(output.isTTY, env)
  return runDoctor(words, {
    env,
    input,
    output,
    errors,
    columns: output.columns ?? 80,
    colors,
    progress: errors.isTTY,
  })
}

/** Serves the APIs of all nodes whose sockets lie below a folder, where this environment says. */
async function runGateway([nodes, page]: string[]): Promise<number> {
  const config = parseConfig(process.env)
  if (nodes === undefined || config.apiListen === null) {
    process.stderr.write(
      'expected api-gateway <folder with a folder for each node> [<page.html>], and API_LISTEN\n',
    )
    return 2
  }
  const [{ serveGateway }, { processMetrics }] = await Promise.all([
    import('./gateway/gateway.ts'),
    import('./gateway/process-metrics.ts'),
  ])
  const log = createLog(logOptions(config))
  const ended = endSignal()
  await using gateway = await serveGateway({
    listen: config.apiListen,
    nodes,
    page: page === undefined ? null : await readFile(page, 'utf8'),
    peerNames: config.peerNames,
    token: config.apiToken,
    maxRequests: config.apiMaxRequests,
    metrics: processMetrics(),
  })
  log.info({ address: gateway.address }, 'serving the APIs of all nodes over HTTP')
  log.info({ why: await ended }, 'stopping')
  return 0
}

function logOptions({ logLevel, logFormat, peerNames }: NodeConfig): LogOptions {
  const format = logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json')
  return { level: logLevel, format, peerNames }
}

/** Counts only where somebody can ask: the modules take time and memory. */
async function metricsFor(config: NodeConfig): Promise<NodeMetrics | null> {
  if (!config.metrics || (config.apiListen === null && config.metricsListen === null)) return null
  const { createMetrics } = await import('./metrics/metrics.ts')
  return createMetrics()
}

/** Resolves with the first signal that asks the process to end; the end of standard input is none. */
async function endSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, resolve)
  })
}

async function main(name = 'node', ...rest: string[]): Promise<number> {
  // npm run node -- --help names no command.
  if (name.startsWith('-')) return main('node', name, ...rest)
  if (rest.some((word) => word === '--help' || word === '-h')) {
    const { helpOf } = await import('./help.ts')
    const help = helpOf(name, process.env, process.stdout.columns ?? 80)
    if (help !== null) {
      process.stdout.write(help)
      return 0
    }
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined && rest.length <= command.words) {
    // libp2p waits by timers that keep no process alive: without this, a doctor may end in the middle of a wait.
    const alive = setInterval(() => {}, 60_000)
    try {
      return await command.run(rest)
    } finally {
      clearInterval(alive)
    }
  }
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
