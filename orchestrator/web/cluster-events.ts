import type { NodeStatus } from '#node/api/node-api.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import type { RunEvent, RunEventBody } from '#orchestrator/run/events.ts'

/** A node of a running cluster, as its gateway says. */
export interface ClusterNode {
  name: string
  /** Null where it does not answer. */
  status: NodeStatus | null
}

/** The only variant of a cluster: what is so now. */
export const NOW = 'now'

/** What makes a picture of a cluster that nobody planned: its nodes, and no network. */
export function clusterStart(nodes: readonly ClusterNode[], atMs: number): RunEvent[] {
  const planned = nodes.map(nodePlan)
  const variant = { name: NOW, title: '', nodes: planned, steps: [] }
  const bodies: RunEventBody[] = [
    {
      type: 'run-start',
      scenario: 'cluster',
      title: 'The nodes behind this address, as they say that they see each other',
      fabric: 'docker',
      fabricDetail: '',
      seed: 0,
      time: 'real',
      startedAt: '',
      versions: {},
    },
    {
      type: 'plan',
      plan: { scenario: 'cluster', seed: 0, networks: [], routers: [], variants: [variant] },
    },
    { type: 'variant-start', variant: NOW, title: '' },
  ]
  return bodies.map((body) => ({ ...body, atMs }))
}

/** How a node stands and judges at this moment, as the events that would have led there. */
export function stateEvents(
  { name, status }: ClusterNode,
  sightings: readonly Sighting[],
  atMs: number,
): RunEvent[] {
  if (status === null) return [goneEvent(name, atMs)]
  const events: NodeEvent[] = []
  const say = (body: Parameters<typeof stamped>[0]): void => void events.push(stamped(body))
  say({ event: 'start', peer: status.peerId, agent: status.agent })
  say({ event: 'mode', mode: status.mode })
  for (const address of status.listening) say({ event: 'listening', address })
  say({ event: 'announcing', addresses: status.announced })
  if (status.ready) say({ event: 'ready' })
  for (const { peerId: peer, rung, cause, evidence, remedy, announced, listed } of sightings) {
    if (listed) say({ event: 'listed', peer, addresses: announced ?? [] })
    say({ event: 'sighting', peer, rung, cause, evidence, remedy })
  }
  return events.map((event) => nodeEvent(name, event, atMs))
}

/** An event as a node said it. */
export function nodeEvent(node: string, event: NodeEvent, atMs: number): RunEvent {
  return { type: 'node-event', variant: NOW, node, event, atMs }
}

/** A node that does not answer. */
export function goneEvent(node: string, atMs: number): RunEvent {
  return { type: 'node-exit', variant: NOW, node, exitCode: null, lastLines: [], atMs }
}

function stamped(body: DistributedOmit): NodeEvent {
  return { ...body, seq: 0, ms: 0 }
}

type DistributedOmit = NodeEvent extends infer Each
  ? Each extends NodeEvent
    ? Omit<Each, 'seq' | 'ms'>
    : never
  : never

function nodePlan({ name, status }: ClusterNode): NodePlan {
  return {
    name,
    program: 'kadlab',
    site: '',
    network: 'cluster',
    address: status?.announced[0]?.split('/')[2] ?? '',
    gateway: null,
    publicAddress: '',
    // A node that does not answer is known to nobody by its name.
    peerId: status?.peerId ?? `unknown ${name}`,
    identitySeed: '',
    settings: {},
    env: {},
    autostart: true,
    startsAfter: [],
  }
}
