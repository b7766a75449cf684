import { z } from 'zod'
import type { AbortOptions } from '../../base/abort-options.ts'
import type { ApiAddress } from '../../config/values.ts'
import type { Account } from '../../view/cell.ts'
import { NodeStatusSchema, SightingSchema } from '../schema.ts'
import { askNode } from './client.ts'

export interface AskDiscoveryOptions extends AbortOptions {
  /** Dial each listed peer back that was not yet. Default false. */
  dialBack?: boolean
  /** Peer ids to judge though nothing may have been heard of them. */
  targets?: readonly string[]
}

/**
 * Asks the node whose HTTP API listens at `api` how it sees others.
 *
 * @throws DisconnectedError where no node answers
 */
export async function askDiscovery(
  api: ApiAddress,
  { dialBack = false, targets = [], ...options }: AskDiscoveryOptions = {},
): Promise<Account> {
  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const { body } = await askNode(api, { method: 'GET', path, ...options })
    return schema.parse(JSON.parse(body.toString()))
  }
  const query = new URLSearchParams([
    ['dialBack', String(dialBack)],
    ...targets.map((peerId) => ['target', peerId]),
  ])
  const [{ peerId }, sightings] = await Promise.all([
    ask('/v1/status', NodeStatusSchema),
    ask(`/v1/discovery?${query}`, z.array(SightingSchema)),
  ])
  return { peerId, sightings }
}
