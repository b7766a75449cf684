import { readFile } from 'node:fs/promises'
import { describeError, KadlabError } from '../base/errors.ts'

/** The key of a private network cannot be had. No error of this file says anything of what the file holds. */
export class SwarmKeyError extends KadlabError {
  static override readonly name = 'SwarmKeyError'
}

const HEADER = '/key/swarm/psk/1.0.0/'
const ENCODING = '/base16/'
const KEY = /^[0-9a-f]{64}$/i

/**
 * The key of a private network from a file as other implementations of libp2p have it (libp2p specs, pnet): three
 * lines, the last of them 32 bytes in hexadecimal.
 *
 * @returns the same in the form that `@libp2p/pnet` reads, which itself looks at the third line alone
 * @throws SwarmKeyError where the file cannot be read, or is no such key
 */
export async function loadSwarmKey(path: string): Promise<Uint8Array> {
  const lines = (await textOf(path)).trim().split(/\r?\n/)
  const [header, encoding, key = ''] = lines.map((line) => line.trim())
  const fault =
    header !== HEADER
      ? `a first line that is not ${HEADER}`
      : encoding !== ENCODING
        ? `a second line that is not ${ENCODING}`
        : lines.length !== 3 || !KEY.test(key)
          ? 'no 64 hexadecimal digits as the third and last line'
          : null
  if (fault !== null) {
    throw new SwarmKeyError(
      `expected a swarm key in SWARM_KEY_FILE=${path}: ${HEADER}, ${ENCODING} and 64 hexadecimal digits, a line each; ` +
        `saw ${fault}; copy the file of a node of the private network`,
    )
  }
  return new TextEncoder().encode([HEADER, ENCODING, key.toLowerCase()].join('\n'))
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    throw new SwarmKeyError(
      `the swarm key SWARM_KEY_FILE=${path} cannot be read: ${describeError(error)}; copy the file of a node of the private network there`,
      { cause: error },
    )
  }
}
