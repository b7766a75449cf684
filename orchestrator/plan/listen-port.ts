import type { NodeSpec } from '#orchestrator/scenario/schema.ts'

/** Port that a kadlab node listens on where neither LISTEN nor LISTEN_PORT says one. */
const DEFAULT_LISTEN_PORT = 3000

/** An address of LISTEN; its host may still be a template. */
const LISTEN_ADDRESS = /^\/ip4\/(?<host>[^/]+)\/tcp\/(?<port>\d+)$/

/**
 * The TCP port at which others reach a node over IPv4: of the first address in LISTEN that is not the loopback's, else
 * LISTEN_PORT, which a node reads only where there is no LISTEN. A port that the system chooses cannot be planned with.
 */
export function listenPort({ env }: Pick<NodeSpec, 'env'>): number {
  const ports = (env?.['LISTEN'] ?? '').split(/[\s,]+/).flatMap((address) => {
    const { host = '', port = '' } = LISTEN_ADDRESS.exec(address)?.groups ?? {}
    return port === '' || host.startsWith('127.') ? [] : [port]
  })
  const port = Number(ports[0] ?? env?.['LISTEN_PORT'] ?? DEFAULT_LISTEN_PORT)
  return Number.isInteger(port) && port > 0 ? port : DEFAULT_LISTEN_PORT
}
