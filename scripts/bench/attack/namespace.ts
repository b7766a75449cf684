import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Where the program stands, as the parent says it to what it starts in a namespace. */
const INSIDE = 'KADLAB_ATTACK_NAMESPACE'

/** Where honest nodes listen. */
export const PORT = 3000
/** Where the attacked node serves its HTTP API, on loopback. */
export const API_PORT = 8080

/** Addresses of honest nodes and of attackers: they look public, and lead nowhere but to this namespace. */
export const HONEST_HOSTS = Array.from({ length: 8 }, (_, index) => `11.65.0.${index + 1}`)
export const ATTACKER_HOSTS = Array.from({ length: 8 }, (_, index) => `11.66.0.${index + 1}`)

/** This machine lets nobody make a namespace: attacks run nowhere else. */
export class NoNamespaceError extends Error {
  static override readonly name = 'NoNamespaceError'
}

export function isInside(): boolean {
  return process.env[INSIDE] === 'yes'
}

/**
 * Runs this very program again in a network namespace with nothing but loopback, as an ordinary user: what peers are
 * told of addresses can lead nowhere. It ends with all that it started when this process does.
 *
 * @returns what it wrote on standard output
 * @throws NoNamespaceError where the machine forbids namespaces
 */
export async function runInside(signal: AbortSignal): Promise<string> {
  const addresses = [...HONEST_HOSTS, ...ATTACKER_HOSTS]
  const setUp = ['ip link set lo up', ...addresses.map((each) => `ip addr add ${each}/32 dev lo`)]
  const words = [...process.execArgv, ...process.argv.slice(1)]
  const script = `${setUp.join(' && ')} && exec "$@"`
  const options = [
    '--user',
    '--map-root-user',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ]
  const inside = ['/bin/sh', '-c', script, 'sh', process.execPath, ...words]
  const child = spawn('unshare', [...options, ...inside], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [INSIDE]: 'yes' },
  })
  const end = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', end, { once: true })
  let output = ''
  let lastWords = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (output += piece))
  createInterface(child.stderr).on('line', (line) => {
    lastWords = line
    console.error(line)
  })
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    if (status === 0) return output
    throw new NoNamespaceError(
      `attacks run in a namespace of their own, which ended with ${status}: ${lastWords || 'see sysctl kernel.unprivileged_userns_clone and user.max_user_namespaces'}`,
    )
  } finally {
    signal.removeEventListener('abort', end)
  }
}
