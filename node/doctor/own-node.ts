import { doubtsOf } from '../api/doubts.ts'
import type { NodeApi, NodeStatus } from '../api/node-api.ts'
import type { AbortOptions } from '../base/abort-options.ts'
import { visibleText } from '../base/visible.ts'
import { CAUSES } from '../judgement/causes.ts'
import { reaches } from '../judgement/ladder.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { discoveryView } from '../view/cell.ts'
import { discoveryLines } from '../view/discovery.ts'
import { outcomeMark } from '../view/mark.ts'
import type { Style } from '../view/style.ts'
import { type Facts, sightingFacts } from './changes.ts'

export interface OwnNodeOptions extends AbortOptions {
  /** Makes JSON of the sightings, which is then all that is said; null: text for people. */
  jsonText: ((value: unknown) => string) | null
  /** Names of peers, by peer id. */
  names: ReadonlyMap<string, string>
  /** Characters in a line. */
  width: number
  style: Style
}

/**
 * What a running node says of every peer that it knows of, the listed ones dialled back first.
 *
 * @returns the text, and whether all is well: the node is ready, announces what others can dial, has heard of somebody,
 * and no connected peer is kept from the top rung by anything but its own choice to be a client
 * @throws DisconnectedError where no node answers
 */
export async function examineOwnNode(
  api: NodeApi,
  { jsonText, names, width, style, signal }: OwnNodeOptions,
): Promise<{ text: string; healthy: boolean; facts: Facts }> {
  const [status, sightings] = await Promise.all([
    api.status({ signal }),
    api.discovery({ dialBack: true, targets: [...names.keys()], signal }),
  ])
  const faults = faultsOf(status, sightings)
  const lines = [
    ...discoveryLines(discoveryView([{ peerId: status.peerId, sightings }], names), width, style),
    ...faults.map((fault) => `${outcomeMark(false, style)} this node: ${fault}`),
  ]
  return {
    text: jsonText === null ? visibleText(lines) : jsonText(sightings),
    healthy: faults.length === 0 && !sightings.some((each) => isIll(each)),
    facts: new Map([
      ['this node', faults.length === 0 ? 'well' : faults.join('; ')],
      ...sightingFacts(sightings, names),
    ]),
  }
}

function isIll({ rung, cause }: Sighting): boolean {
  return reaches(rung, 'connected') && cause !== null && cause !== 'CLIENT_MODE'
}

/** What is wrong with the node itself, one sentence each: what keeps others from finding it. */
function faultsOf(status: NodeStatus, sightings: readonly Sighting[]): string[] {
  const { connections, ready, waitingFor } = status
  const faults = ready ? [] : waitingFor.map((each) => `not ready: ${each}`)
  // Who is connected to nobody has its bootstrap peers to blame, with the error of each.
  if (connections === 0) {
    for (const { peerId, cause, evidence, remedy } of sightings) {
      if (cause !== null && evidence?.dials !== undefined) {
        faults.push(`${peerId}: ${CAUSES[cause].meaning}. ${remedy?.text ?? ''}`.trimEnd())
      }
    }
  }
  // Whoever was connected when it said so may have left since.
  const isAlone = !sightings.some(({ rung }) => reaches(rung, 'connected'))
  return [...faults, ...doubtsOf(isAlone ? { ...status, connections: 0 } : status)]
}
