// npm run peers: makes the images of the peers of other implementations ready, one line a phase.
// npm run peers -- --table: writes the table in orchestrator/foreign/README.md from the reports of real runs (reports/<scenario>-docker).
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError } from '#node/base/errors.ts'
import { BUILT_IN } from '#node/base/sources.ts'
import { asTyped } from '#node/base/typed.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { ensureForeignImage } from '#orchestrator/fabric/docker/foreign-image.ts'
import { FOREIGN_SOURCES } from '#orchestrator/fabric/foreign-sources.ts'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { readWords } from './base/words.ts'
import { fillPeersTable, PEER_SCENARIOS, peersTable } from './docs/peers-table.ts'

async function makeImages(): Promise<void> {
  const started = performance.now()
  const say = (text: string): void =>
    console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`)
  const engine = await connectEngine({ env: process.env })
  // One after the other: each build uses every core.
  for (const sources of FOREIGN_SOURCES) {
    const request = { root: BUILT_IN, env: process.env, sources, onProgress: say }
    say(`${sources.name}: ${await ensureForeignImage(engine, request)} is ready`)
  }
}

async function writeTable(): Promise<void> {
  const reports = await Promise.all(
    PEER_SCENARIOS.map(async (name) => {
      const text = await readFile(
        join(BUILT_IN, `reports/${name}-docker/latest/report.json`),
        'utf8',
      )
      return JSON.parse(text) as Report
    }),
  )
  const path = join(BUILT_IN, 'orchestrator/foreign/README.md')
  await writeFile(path, fillPeersTable(await readFile(path, 'utf8'), peersTable(reports)))
}

const USAGE = `Usage: ${asTyped(process.env, 'peers')}

Makes the images of the peers of other implementations (rust-libp2p, go-libp2p) at the Docker engine, for the scenarios
that run them: with the cargo and go of this machine where they are there, else in containers. It takes minutes, once.
Exit status: 0 they are there, 2 wrong use, 3 the engine does not answer or a build failed.
`

const { values } = readWords(USAGE, { options: { table: { type: 'boolean', default: false } } })
try {
  await (values.table ? writeTable() : makeImages())
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 3
}
