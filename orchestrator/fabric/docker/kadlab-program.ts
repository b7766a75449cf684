import { createLinesClient } from '#node/api/lines/client.ts'
import { peerNames } from '#orchestrator/plan/peer-names.ts'
import { commandOf } from '#orchestrator/scenario/programs.ts'
import { ensureImage } from './image.ts'
import type { NodeProgram } from './program.ts'

/** Where a node of a kept lab serves its HTTP API: where the image's shell asks for it. */
const API_SOCKET = '/run/kadlab/api.sock'

/** kadlab's own program, which runs its node and a stock one, built from the sources in `root`. */
export function createKadlabProgram(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): NodeProgram {
  return {
    image: (engine, options) => ensureImage(engine, { ...options, root, target: 'node', env }),
    command: ['node', '/app/kadlab.mjs'],
    arguments: ({ program }) => commandOf(program),
    commands: ['shell', 'doctor'],
    environment: (node, company) => ({
      STDIO_API: 'yes',
      // Serving HTTP takes memory and time that a node which nobody looks into has no use for.
      ...(company === null
        ? { API_LISTEN: '', METRICS: 'no' }
        : { API_LISTEN: API_SOCKET, METRICS: 'yes', PEER_NAMES: peerNames(company) }),
      ...node.env,
    }),
    connect: createLinesClient,
  }
}
