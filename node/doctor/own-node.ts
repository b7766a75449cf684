import { askDiscovery } from '../api/ask-discovery.ts'
import type { NodeApi } from '../api/node-api.ts'
import type { AbortOptions } from '../base/abort-options.ts'
import { visibleJson } from '../base/visible.ts'
import { reaches } from '../judgement/ladder.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { discoveryView } from '../view/cell.ts'
import { discoveryLines } from '../view/discovery.ts'
import type { Style } from '../view/style.ts'

export interface OwnNodeOptions extends AbortOptions {
  /** The sightings as JSON, and nothing else. */
  json: boolean
  /** Names of peers, by peer id. */
  names: ReadonlyMap<string, string>
  /** Characters in a line. */
  width: number
  style: Style
}

/**
 * What a running node says of every peer that it knows of, the listed ones dialled back first.
 *
 * @returns the text, and whether all is well: no connected peer is kept from the top rung by anything but its own choice
 * to be a client
 * @throws DisconnectedError where no node answers
 */
export async function examineOwnNode(
  api: NodeApi,
  { json, names, width, style, signal }: OwnNodeOptions,
): Promise<{ text: string; healthy: boolean }> {
  const account = await askDiscovery(api, {
    dialBack: true,
    targets: [...names.keys()],
    signal,
  })
  const { sightings } = account
  const lines = json
    ? [visibleJson(sightings)]
    : discoveryLines(discoveryView([account], names), width, style)
  return { text: `${lines.join('\n')}\n`, healthy: !sightings.some(isIll) }
}

function isIll({ rung, cause }: Sighting): boolean {
  return reaches(rung, 'connected') && cause !== null && cause !== 'CLIENT_MODE'
}
