import { readFile } from 'node:fs/promises'
import { describeError } from '#node/base/errors.ts'
import { SwarmKeyUnreadableError } from './errors.ts'

/** Where a node's container has its swarm key: in memory, for its user alone. */
const IN_CONTAINER = '/run/kadlab/swarm.key'

/** Writes the line that comes first on its standard input there, and becomes the program. */
const TAKE_KEY: readonly string[] = [
  'sh',
  '-c',
  `IFS= read -r key && (umask 077 && printf %s "$key" | base64 -d >${IN_CONTAINER}) && unset key && exec "$@"`,
  'sh',
]

/** What a node's container needs for a private network. */
export interface HandedKey {
  /** Stands before the program's command. */
  readonly entry: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** The key, as the first line on the standard input: no setting of the container tells it. */
  readonly firstLine: string
}

/**
 * The swarm key that a node's settings name, a file of this machine, as its container is given it; null where they name
 * none. What the file holds is for the node to judge.
 *
 * @throws SwarmKeyUnreadableError
 */
export async function handedKey(
  node: string,
  environment: Readonly<Record<string, string>>,
): Promise<HandedKey | null> {
  const path = environment['SWARM_KEY_FILE'] ?? ''
  if (path === '') return null
  try {
    const firstLine = await readFile(path, 'base64')
    return { entry: TAKE_KEY, environment: { SWARM_KEY_FILE: IN_CONTAINER }, firstLine }
  } catch (cause) {
    throw new SwarmKeyUnreadableError(
      `The swarm key of ${node}, SWARM_KEY_FILE=${path}, cannot be read on this machine: ${describeError(cause)}.`,
      { cause },
    )
  }
}
