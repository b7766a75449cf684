import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { History } from '#orchestrator/picture/history.ts'
import { EMPTY_PICTURE, pairKey, type VariantPicture } from '#orchestrator/picture/picture.ts'
import { pictureOf, reduce } from '#orchestrator/picture/reduce.ts'
import { differingSettings } from '#orchestrator/picture/side-by-side.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { simRun } from '#test/support/sim-run.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-picture-'))
const { events } = await simRun('nat-two-nodes', folder.path)

function variantOf(events: readonly RunEvent[], name: string): VariantPicture {
  const found = pictureOf(events).variants.find((variant) => variant.name === name)
  assert.ok(found !== undefined)
  return found
}

/** All events up to the first that `wanted` knows, that one with them. */
function until(wanted: (event: RunEvent) => boolean): RunEvent[] {
  const at = events.findIndex(wanted)
  assert.ok(at >= 0)
  return events.slice(0, at + 1)
}

function isOfNode(node: string, name: string): (event: RunEvent) => boolean {
  return (each) => each.type === 'node-event' && each.node === node && each.event.event === name
}

describe('the picture of a run', () => {
  it('has the verdict, the cells and the results that the run came to', () => {
    const picture = pictureOf(events)
    assert.equal(picture.state, 'held')
    assert.equal(picture.proofs.length, 4)
    assert.deepEqual(
      picture.variants.map(({ name, holds }) => [name, holds]),
      [
        ['bug', true],
        ['client', true],
        ['fixed', true],
      ],
    )
    for (const event of events) {
      if (event.type !== 'cells') continue
      assert.deepEqual(Object.values(variantOf(events, event.variant).cells), event.cells)
    }
    const results = picture.variants.flatMap(({ steps }) => steps.flatMap((step) => step.results))
    assert.deepEqual(
      results,
      events.flatMap((event) => (event.type === 'expectation' ? [event.result] : [])),
    )
  })

  it('knows who is connected and who lists whom at the very event', () => {
    const before = until(isOfNode('B', 'listed')).slice(0, -1)
    const after = until(isOfNode('B', 'listed'))
    const [a, b] = variantOf(after, 'bug').nodes
    const idOfA = a?.plan.peerId ?? ''
    assert.equal(variantOf(before, 'bug').nodes[1]?.peers[idOfA]?.listed, null)
    assert.deepEqual(b?.peers[idOfA]?.listed, ['/ip4/11.0.0.11/tcp/3000'])
    assert.equal(b?.peers[idOfA]?.connection?.direction, 'outbound')
    assert.deepEqual(b?.announcing, ['/ip4/10.2.0.10/tcp/3000'])
  })

  it('shows sightings as cells while the variant runs', () => {
    const running = until(isOfNode('A', 'sighting'))
    const cell = variantOf(running, 'bug').cells[pairKey('A', 'B')]
    assert.deepEqual(
      [cell?.rung, cell?.cause, cell?.connected],
      ['connected', 'IDENTIFY_PENDING', true],
    )
  })

  it('shows nodes at the verdict, not after the lab took them down', () => {
    for (const { nodes, decided } of pictureOf(events).variants) {
      assert.equal(decided, true)
      assert.deepEqual(
        nodes.map(({ state }) => state),
        ['up', 'up'],
      )
    }
  })

  it('follows the nodes of a lab that stays up', () => {
    const [listed] = events.filter(isOfNode('B', 'listed'))
    assert.ok(listed?.type === 'node-event' && listed.event.event === 'listed')
    const { peer } = listed.event
    const unlisted: RunEvent = {
      type: 'node-event',
      node: 'B',
      variant: null,
      event: { seq: 99, ms: 0, event: 'unlisted', peer, why: 'gone' },
      atMs: 20_000,
    }
    const [a, b] = [events, [...events, unlisted]].map((all) => variantOf(all, 'fixed').nodes[1])
    assert.deepEqual([a?.peers[peer]?.listed?.length, b?.peers[peer]?.listed], [1, null])
  })

  it('forgets what a node knew when it starts anew', () => {
    const [start] = events.filter(isOfNode('B', 'start'))
    assert.ok(start !== undefined)
    const listed = until(isOfNode('B', 'listed'))
    const b = variantOf([...listed, start], 'bug').nodes[1]
    assert.deepEqual([b?.state, b?.peers, b?.ready], ['starting', {}, false])
  })

  it('shows a node that ended by itself', () => {
    const up = until(isOfNode('B', 'ready'))
    const exit: RunEvent = {
      type: 'node-exit',
      variant: 'bug',
      node: 'B',
      exitCode: 1,
      lastLines: [],
      atMs: 400,
    }
    assert.equal(variantOf([...up, exit], 'bug').nodes[1]?.state, 'ended')
  })

  it('is never changed, and takes in what no plan named', () => {
    const frozen = events.reduce(
      (picture, event) => deepFreeze(reduce(picture, event)),
      EMPTY_PICTURE,
    )
    const stray = { type: 'node-event', variant: 'other', node: 'X', atMs: 9 } as const
    const next = reduce(frozen, { ...stray, event: { seq: 1, ms: 0, event: 'ready' } })
    assert.deepEqual(next.variants, frozen.variants)
  })

  it('is the same by a jump to any moment as by all events before it', () => {
    const many = [...events, ...events, ...events]
    const history = new History()
    for (const event of many) history.push(event)
    assert.ok(many.length > 300)
    for (let count = 0; count <= many.length; count += 7) {
      assert.deepEqual(history.after(count), pictureOf(many.slice(0, count)))
    }
    assert.equal(history.after(many.length + 5), history.newest)
  })

  it('finds the moment of a time', () => {
    const history = new History()
    for (const event of events) history.push(event)
    const count = history.countAt(303)
    assert.ok((events[count - 1]?.atMs ?? Infinity) <= 303)
    assert.ok((events[count]?.atMs ?? 0) > 303)
  })

  it('says which settings differ between variants', () => {
    assert.deepEqual(differingSettings(pictureOf(events)), [
      { node: 'A', variable: 'PUBLIC_IP', values: [null, '11.0.0.11', '11.0.0.11'] },
      { node: 'B', variable: 'PUBLIC_IP', values: [null, '11.0.0.12', '11.0.0.12'] },
      { node: 'B', variable: 'KAD_MODE', values: [null, 'client', null] },
    ])
  })
})

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const each of Object.values(value)) deepFreeze(each)
  return value
}

describe('a node that comes back with another key', () => {
  it('is known by it from then on', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-renewed-'))
    const { events } = await simRun('new-identity', directory.path, '--variant', 'fixed')
    const [variant] = pictureOf(events).variants
    const a = variant?.nodes.find(({ plan }) => plan.name === 'A')
    const plan = events.find((event) => event.type === 'plan')?.plan
    const former = plan?.variants[0]?.nodes.find(({ name }) => name === 'A')?.peerId
    assert.ok(a && former !== undefined && a.plan.peerId !== former)
    const b = variant?.nodes.find(({ plan }) => plan.name === 'B')
    assert.notEqual(b?.peers[a.plan.peerId]?.listed ?? null, null)
  })
})
