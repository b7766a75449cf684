import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '#orchestrator/report/report-schema.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'

/** What the main job must show on every fabric: rungs and causes of B at A and of A at B, by variant. */
export const NAT_TWO_NODES = {
  bug: { 'B at A': ['speaks-kademlia', 'ONLY_PRIVATE_ADDRESSES'], 'A at B': ['dialable', null] },
  client: { 'B at A': ['identified', 'CLIENT_MODE'], 'A at B': ['dialable', null] },
  fixed: { 'B at A': ['dialable', null], 'A at B': ['dialable', null] },
}

/** The same of js-libp2p as it comes. */
const STOCK_TWO_NODES = {
  bug: { 'B at A': ['identified', 'CLIENT_MODE'], 'A at B': ['identified', 'CLIENT_MODE'] },
  fixed: { 'B at A': ['dialable', null], 'A at B': ['dialable', null] },
}

/** Runs stock-two-nodes on a fabric, and holds its report against what js-libp2p as it comes must show. */
export async function assertStockTwoNodes(fabric: FabricName): Promise<void> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-stock-'))
  const words = ['scenario', 'stock-two-nodes', '--fabric', fabric, '--json', '--report', 'r']
  const { status, stdout, stderr } = await startCommand(words, directory.path).ended
  assert.equal(status, 0, stderr)
  assert.deepEqual(standings(JSON.parse(stdout) as Report), STOCK_TWO_NODES)
}

/** Rung and cause of each cell of each variant of a report. */
export function standings(report: Report): Record<string, Record<string, [string, string | null]>> {
  return Object.fromEntries(
    report.variants.map(({ name, cells }) => [
      name,
      Object.fromEntries(
        cells.map(({ observer, target, rung, cause }) => [
          `${target} at ${observer}`,
          [rung, cause],
        ]),
      ),
    ]),
  )
}

/** Holds a report of nat-two-nodes against what the field report says. */
export function assertNatTwoNodes(report: Report): void {
  assert.equal(report.holds, true)
  assert.deepEqual(standings(report), NAT_TWO_NODES)
  assert.equal(report.natProofs.length, 4)
  assert.ok(report.natProofs.every(({ holds }) => holds))
  const [bug, client, fixed] = report.variants
  const cell = bug?.cells.find(({ observer }) => observer === 'A')
  const b = bug?.nodes.find(({ name }) => name === 'B')
  assert.deepEqual(cell?.remedy?.set, `PUBLIC_IP=${b?.publicAddress}`)
  assert.deepEqual(cell?.evidence?.announced, [`/ip4/${b?.privateAddress}/tcp/3000`])
  assert.deepEqual(cell?.evidence?.kept, [])
  assert.deepEqual([cell?.connected, cell?.listed, cell?.dialable], [true, false, null])
  const clientCell = client?.cells.find(({ observer }) => observer === 'A')
  assert.equal(clientCell?.remedy?.set, 'KAD_MODE=server')
  for (const node of fixed?.nodes ?? []) assert.deepEqual(node.announced, [node.publicAddress])
  assert.ok(
    fixed?.expectations.some(
      ({ text, seen }) => text === 'A reads from-b' && seen === "'hello from B'",
    ),
  )
}

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface RunningCommand {
  pid: number
  /** Resolves with the first text of standard output that matches. */
  until: (pattern: RegExp) => Promise<string>
  interrupt: () => void
  /** Closes the pipe of its standard output, as `| head` does. */
  stopReading: () => void
  ended: Promise<Ended>
}

/** Starts the command line as a process of its own, as npm would. */
export function startCommand(words: readonly string[], directory: string): RunningCommand {
  const root = join(import.meta.dirname, '../..')
  const launcher = join(root, 'scripts/launch.mjs')
  const child = spawn(process.execPath, [launcher, 'orchestrator/cli.ts', ...words], {
    cwd: directory,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, npm_lifecycle_event: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      resolve({ status, stdout, stderr })
      for (const listener of listeners) listener()
    })
  })
  return {
    pid: child.pid ?? -1,
    ended,
    interrupt: () => void child.kill('SIGINT'),
    stopReading: () => void child.stdout.destroy(),
    async until(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = (): void => {
        const [found] = pattern.exec(stdout) ?? []
        if (found !== undefined) resolve(found)
        else if (child.exitCode !== null)
          reject(new Error(`it ended before ${pattern}: ${stdout}${stderr}`))
      }
      listeners.add(look)
      look()
      const text = await promise
      listeners.delete(look)
      return text
    },
  }
}
