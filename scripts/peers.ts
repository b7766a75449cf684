// npm run peers: makes the images of the peers of other implementations ready, one line a phase.
import { parseArgs } from 'node:util'
import { describeError } from '#node/errors.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { ensureForeignImage } from '#orchestrator/fabric/docker/foreign-image.ts'
import { FOREIGN_SOURCES } from '#orchestrator/fabric/docker/foreign-sources.ts'

parseArgs({ options: {} })
const root = new URL('..', import.meta.url).pathname
const started = performance.now()
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`)
try {
  const engine = await connectEngine({ env: process.env })
  // One after the other: each build uses every core.
  for (const sources of FOREIGN_SOURCES) {
    const request = { root, env: process.env, sources, onProgress: say }
    say(`${sources.name}: ${await ensureForeignImage(engine, request)} is ready`)
  }
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 3
}
