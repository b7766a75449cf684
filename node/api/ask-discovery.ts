import type { Account } from '../view/cell.ts'
import type { DiscoveryOptions, NodeApi } from './node-api.ts'

/**
 * Asks a node who it is and how it sees others.
 *
 * @throws DisconnectedError where no node answers
 */
export async function askDiscovery(
  api: Pick<NodeApi, 'status' | 'discovery'>,
  options: DiscoveryOptions = {},
): Promise<Account> {
  const [{ peerId }, sightings] = await Promise.all([
    api.status({ signal: options.signal }),
    api.discovery(options),
  ])
  return { peerId, sightings }
}
