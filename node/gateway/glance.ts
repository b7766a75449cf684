import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createHttpClient } from '../api/http/client.ts'
import type { NodeStatus } from '../api/node-api.ts'
import { describeError } from '../base/errors.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'

/** A node as the index shows it: its status, or why there is none. */
export interface NodeGlance {
  name: string
  status: NodeStatus | null
  error: string | null
}

export interface GlanceOptions {
  /** What is shown to the nodes. Default: null, nothing. */
  token?: string | null
  clock?: Clock
}

/** Time for a node to say how it is; the index does not wait for one that hangs. */
const GLANCE_WITHIN_MS = 2000

/** Names of the nodes whose sockets lie below `folder`, sorted. */
export async function nodeNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

/** How each node is, asked at once. Never rejects for a node that does not answer. */
export async function glances(
  folder: string,
  { token = null, clock = systemClock }: GlanceOptions = {},
): Promise<NodeGlance[]> {
  const names = await nodeNames(folder)
  return Promise.all(
    names.map(async (name): Promise<NodeGlance> => {
      try {
        const node = createHttpClient({ path: socketOf(folder, name) }, token)
        const status = await within(clock, GLANCE_WITHIN_MS, undefined, async (signal) =>
          node.status({ signal }),
        )
        return { name, status, error: null }
      } catch (error) {
        return { name, status: null, error: describeError(error) }
      }
    }),
  )
}

/** Where the API of a node listens. */
export function socketOf(folder: string, name: string): string {
  return join(folder, name, 'api.sock')
}
