import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EventIndex } from '#orchestrator/picture/event-index.ts'
import { eventText } from '#orchestrator/picture/event-text.ts'
import { pairEvents } from '#orchestrator/picture/pair-events.ts'
import { pictureOf } from '#orchestrator/picture/reduce.ts'
import { simRun } from '#test/support/sim-run.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-pair-'))
const { events } = await simRun('nat-two-nodes', folder.path)
const [bug] = pictureOf(events).variants
const index = new EventIndex()
for (const event of events) index.push(event)

describe('the events of a pair', () => {
  it('are what each of the two said of the other, as sentences in order', () => {
    assert.ok(bug !== undefined)
    const names = new Map(bug.nodes.map(({ plan }) => [plan.peerId, plan.name]))
    const lines = pairEvents(index, bug, { observer: 'A', target: 'B' }, events.length).map(
      ({ node, event }) => `${node} ${eventText(event, (peer) => names.get(peer) ?? peer)}`,
    )
    assert.equal(lines[0], 'B connects to A at 11.0.0.11:3000')
    assert.ok(lines.includes('A identifies B, which announces 10.2.0.10:3000'))
    assert.ok(lines.includes('A sees B speaks-kademlia, ONLY_PRIVATE_ADDRESSES'))
    assert.ok(lines.includes('B reaches A on a fresh connection to 11.0.0.11:3000'))
    assert.ok(lines.every((line) => !line.includes('listens') && !line.includes('starts as')))
  })

  it('know where they stand among all', () => {
    assert.ok(bug !== undefined)
    for (const { index: at, event } of pairEvents(
      index,
      bug,
      { observer: 'B', target: 'A' },
      events.length,
    )) {
      const there = events[at]
      assert.ok(there?.type === 'node-event' && there.event === event)
    }
  })

  it('end at the moment that is looked at', () => {
    assert.ok(bug !== undefined)
    const all = pairEvents(index, bug, { observer: 'A', target: 'B' }, events.length)
    for (const [position, { index: at }] of all.entries()) {
      const until = pairEvents(index, bug, { observer: 'A', target: 'B' }, at + 1)
      assert.deepEqual(until, all.slice(0, position + 1))
    }
  })

  it('are none of a node that is not there', () => {
    assert.ok(bug !== undefined)
    assert.deepEqual(pairEvents(index, bug, { observer: 'A', target: 'C' }, events.length), [])
  })
})
