import { askDiscovery } from '../api/ask-discovery.ts'
import type { NodeApi } from '../api/node-api.ts'
import { describeError } from '../base/errors.ts'
import { discoveryView } from '../view/cell.ts'
import { discoveryLines } from '../view/discovery.ts'
import { createStyle } from '../view/style.ts'

/** Characters in a line of a page that is read in a browser, or by curl. */
const WIDTH = 100

export interface DiscoveryPageOptions {
  /** Dial each listed peer back that was not yet. */
  dialBack: boolean
  signal: AbortSignal
}

/** A node of the cluster; without a peer id where nobody says who it is. */
export interface ClusterNode {
  name: string
  api: NodeApi
  peerId: string | null
}

/**
 * Who sees whom in a whole cluster, as text: each node is asked how it sees the others; nodes that do not answer come last.
 */
export async function discoveryPage(
  nodes: readonly ClusterNode[],
  options: DiscoveryPageOptions,
): Promise<string> {
  const known = nodes.flatMap(({ name, peerId }) => (peerId === null ? [] : [{ name, peerId }]))
  const targets = known.map(({ peerId }) => peerId)
  const asked = await Promise.all(
    nodes.map(async ({ name, api }) => {
      try {
        return { account: await askDiscovery(api, { ...options, targets }), silent: '' }
      } catch (error) {
        return { account: null, silent: `\n${name} does not answer: ${describeError(error)}` }
      }
    }),
  )
  const view = discoveryView(
    asked.flatMap(({ account }) => (account === null ? [] : [account])),
    new Map(known.map(({ name, peerId }) => [peerId, name])),
  )
  return [
    ...discoveryLines(view, WIDTH, createStyle(false)),
    ...asked.flatMap(({ silent }) => (silent === '' ? [] : [silent])),
    '',
  ].join('\n')
}
