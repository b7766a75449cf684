import { createLinesClient } from '#node/api/lines-client.ts'
import { ensureImage } from './image.ts'
import type { NodeProgram } from './program.ts'

/** Where a lab's node serves its HTTP API, for people who look into a kept lab. */
const API_SOCKET = '/run/kadlab/api.sock'

/** kadlab's own node, built from the sources in `root`. */
export function createKadlabProgram(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): NodeProgram {
  return {
    image: (engine, options) => ensureImage(engine, { ...options, root, target: 'node', env }),
    arguments: () => [],
    environment: (node) => ({
      STDIO_API: 'yes',
      API_LISTEN: API_SOCKET,
      // Nobody scrapes a lab's nodes, and counting takes memory.
      METRICS: 'no',
      ...node.env,
    }),
    connect: createLinesClient,
  }
}
