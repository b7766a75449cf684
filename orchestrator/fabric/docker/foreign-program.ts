import { createForeignPeer } from '#orchestrator/foreign/foreign-peer.ts'
import { FOREIGN_SOURCES } from '../foreign-sources.ts'
import { ensureForeignImage } from './foreign-image.ts'
import type { NodeProgram } from './program.ts'

/** The peers of other implementations, built from the sources in `root`, by the name that a scenario gives. */
export function createForeignPrograms(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, NodeProgram> {
  return Object.fromEntries(
    FOREIGN_SOURCES.map((sources) => [
      sources.name,
      {
        image: (engine, options) => ensureForeignImage(engine, { ...options, root, env, sources }),
        command: ['/usr/local/bin/peer'],
        arguments: () => [],
        environment: (node) => node.env,
        commands: [],
        connect: createForeignPeer,
      } satisfies NodeProgram,
    ]),
  )
}
