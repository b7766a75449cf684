import assert from 'node:assert/strict'
import type { NodeEventBody } from '#node/events/node-event.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

/**
 * A run of one variant whose nodes say much: the beginning of a real run, then `count` events of its first two nodes,
 * who connect, list, judge and lose each other again and again.
 */
export function manyEvents(events: readonly RunEvent[], count: number): RunEvent[] {
  const begun = events.findIndex(({ type }) => type === 'variant-start')
  const head = events.slice(0, begun + 1)
  const start = head.at(-1)
  const plan = head.find((event) => event.type === 'plan')?.plan
  assert.ok(start?.type === 'variant-start' && plan !== undefined)
  const nodes = plan.variants.find(({ name }) => name === start.variant)?.nodes ?? []
  const [one, other] = nodes
  assert.ok(one !== undefined && other !== undefined)
  const said = Array.from({ length: count }, (_, at): RunEvent => {
    const [node, { peerId: peer }] = at % 2 === 0 ? [one, other] : [other, one]
    return {
      type: 'node-event',
      variant: start.variant,
      node: node.name,
      event: { ...bodyOf(Math.floor(at / 2) % 4, peer), seq: at + 1, ms: at },
      atMs: start.atMs + at * 3,
    }
  })
  return [...head, ...said]
}

function bodyOf(kind: number, peer: string): NodeEventBody {
  const address = '/ip4/11.0.0.11/tcp/3000'
  if (kind === 0) return { event: 'connected', peer, direction: 'outbound', address }
  if (kind === 1) return { event: 'listed', peer, addresses: [address] }
  if (kind === 2) {
    return { event: 'sighting', peer, rung: 'listed', cause: null, evidence: null, remedy: null }
  }
  return { event: 'closed', peer }
}
