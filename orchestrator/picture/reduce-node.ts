import type { NodeEvent } from '#node/events/node-event.ts'
import type { Cell } from '#node/view/cell.ts'
import {
  type NodePicture,
  type NodeState,
  pairKey,
  type PeerPicture,
  plannedNode,
  STRANGER,
  type VariantPicture,
} from './picture.ts'

/** A variant after one of its nodes said something. What an unknown node says changes nothing. */
export function afterNodeEvent(
  variant: VariantPicture,
  name: string,
  event: NodeEvent,
): VariantPicture {
  const changed = withNode(variant, name, (node) => nodeAfter(node, event))
  const cells = cellsAfter(changed, name, event)
  return cells === changed.cells ? changed : { ...changed, cells }
}

/** A variant with one node in another state. */
export function withNodeState(
  variant: VariantPicture,
  name: string,
  state: NodeState,
): VariantPicture {
  return withNode(variant, name, (node) => ({ ...node, state, ready: false, peers: {} }))
}

function withNode(
  variant: VariantPicture,
  name: string,
  change: (node: NodePicture) => NodePicture,
): VariantPicture {
  const at = variant.nodes.findIndex(({ plan }) => plan.name === name)
  const node = variant.nodes[at]
  return node === undefined ? variant : { ...variant, nodes: variant.nodes.with(at, change(node)) }
}

function nodeAfter(node: NodePicture, event: NodeEvent): NodePicture {
  switch (event.event) {
    case 'start':
      // A process that starts knows nothing of what the one before it knew; its key may be another.
      return {
        ...plannedNode({ ...node.plan, peerId: event.peer }),
        state: 'starting',
        agent: event.agent,
      }
    case 'listening':
      return { ...node, state: 'up', listening: [...node.listening, event.address] }
    case 'announcing':
      return { ...node, announcing: event.addresses }
    case 'mode':
      return { ...node, mode: event.mode }
    case 'ready':
      return { ...node, ready: true }
    case 'connected':
      return withPeer(node, event.peer, {
        connection: { direction: event.direction, address: event.address },
      })
    case 'closed':
      return withPeer(node, event.peer, { connection: null })
    case 'identified': {
      const known = withPeer(node, event.peer, { agent: event.agent, announces: event.addresses })
      const observed = event.observed?.replace(/\/p2p\/[^/]+$/, '') ?? null
      if (observed === null || node.observed.includes(observed)) return known
      return { ...known, observed: [...node.observed, observed] }
    }
    case 'dial-failed':
      return event.peer === null ? node : dialled(node, event.peer, event.address, event.kind)
    case 'dialled-back':
      return dialled(node, event.peer, event.address, event.ok ? null : (event.kind ?? 'failed'))
    case 'listed':
      return withPeer(node, event.peer, { listed: event.addresses })
    case 'unlisted':
      return withPeer(node, event.peer, { listed: null })
    case 'stored':
      return { ...node, stored: node.stored + 1 }
    case 'stopping':
      return { ...node, state: 'stopped', ready: false, peers: {} }
    case 'identify-failed':
    case 'late':
    case 'denied':
    case 'sighting':
      return node
  }
}

function withPeer(node: NodePicture, peer: string, change: Partial<PeerPicture>): NodePicture {
  const known = node.peers[peer] ?? STRANGER
  return { ...node, peers: { ...node.peers, [peer]: { ...known, ...change } } }
}

function dialled(
  node: NodePicture,
  peer: string,
  address: string,
  outcome: string | null,
): NodePicture {
  const known = node.peers[peer] ?? STRANGER
  return withPeer(node, peer, { dialled: { ...known.dialled, [address]: outcome } })
}

/** Sightings are cells while a variant runs; at its end come those with what only the lab can know. */
function cellsAfter(
  { cells, nodes }: VariantPicture,
  observer: string,
  event: NodeEvent,
): VariantPicture['cells'] {
  if (event.event !== 'sighting') return cells
  const target = nodes.find(({ plan }) => plan.peerId === event.peer)?.plan.name
  const peer = nodes.find(({ plan }) => plan.name === observer)?.peers[event.peer]
  if (target === undefined || target === observer) return cells
  const { rung, cause, evidence, remedy } = event
  const cell: Cell = {
    observer,
    target,
    rung,
    connected: (peer?.connection ?? null) !== null,
    listed: rung === 'listed' || rung === 'dialable',
    dialable: rung === 'dialable' ? true : null,
    cause,
    evidence,
    remedy,
  }
  return { ...cells, [pairKey(observer, target)]: cell }
}
