import { z } from 'zod'
import { askNode } from '../api/http-client.ts'
import type { Sighting } from '../api/node-api.ts'
import { SightingSchema } from '../api/schema.ts'
import { sightingTable } from '../api/sighting-table.ts'
import type { ApiAddress } from '../config-values.ts'
import { reaches } from '../discovery/ladder.ts'

export interface OwnNodeOptions {
  /** The sightings as JSON, and nothing else. */
  json: boolean
  signal?: AbortSignal
}

/**
 * What a running node says of every peer that it knows of, the listed ones dialled back first.
 *
 * @returns the text, and whether all is well: no connected peer is kept from the top rung by anything but its own choice
 * to be a client
 * @throws DisconnectedError where no node answers
 */
export async function examineOwnNode(
  api: ApiAddress,
  { json, signal }: OwnNodeOptions,
): Promise<{ text: string; healthy: boolean }> {
  const { body } = await askNode(api, {
    method: 'GET',
    path: '/v1/discovery?dialBack=true',
    ...(signal === undefined ? {} : { signal }),
  })
  const sightings = z.array(SightingSchema).parse(JSON.parse(body.toString()))
  return {
    text: json ? `${JSON.stringify(sightings, null, 2)}\n` : sightingTable(sightings),
    healthy: !sightings.some(isIll),
  }
}

function isIll({ rung, cause }: Sighting): boolean {
  return reaches(rung, 'connected') && cause !== null && cause !== 'CLIENT_MODE'
}
