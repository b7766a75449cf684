import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { startCommand } from './nat-two-nodes.ts'

/** A report folder of a real run on the simulated network, and the events in it. */
export interface SimRun {
  path: string
  events: RunEvent[]
}

/** Runs a scenario, by name or file, in `directory`, with further options; whatever its verdict. */
export async function simRun(
  scenario: string,
  directory: string,
  ...options: string[]
): Promise<SimRun> {
  const path = join(directory, 'report')
  const words = ['scenario', scenario, '--fabric', 'sim', '--report', path, ...options]
  const { status, stdout, stderr } = await startCommand(words, directory).ended
  assert.ok(status === 0 || status === 1, stdout + stderr)
  const lines = (await readFile(join(path, 'events.ndjson'), 'utf8')).trimEnd().split('\n')
  return { path, events: lines.map((line) => JSON.parse(line) as RunEvent) }
}
