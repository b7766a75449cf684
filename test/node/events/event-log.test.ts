import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventLog } from '#node/events/event-log.ts'
import type { NodeEvent } from '#node/events/node-event.ts'

const body = (peer: string): { event: 'closed'; peer: string } => ({ event: 'closed', peer })

async function take(events: AsyncIterable<NodeEvent>, count: number): Promise<number[]> {
  const seen: number[] = []
  for await (const event of events) {
    seen.push(event.seq)
    if (seen.length === count) break
  }
  return seen
}

describe('the event log', () => {
  it('stamps events and hands those after the call to each reader', async () => {
    let now = 7
    const log = new EventLog({ elapsedMs: () => now })
    log.emit(body('early'))
    const [first, second] = [log.events(), log.events()]
    now = 9
    log.emit(body('late'))
    const iterator = first[Symbol.asyncIterator]()
    assert.deepEqual((await iterator.next()).value, {
      seq: 2,
      ms: 9,
      event: 'closed',
      peer: 'late',
    })
    assert.deepEqual(await take(second, 1), [2])
  })

  it('replays what is held above a sequence number, and goes on with what comes', async () => {
    const log = new EventLog({ elapsedMs: () => 0 })
    for (const peer of ['a', 'b', 'c']) log.emit(body(peer))
    const reading = take(log.events({ since: 1 }), 3)
    log.emit(body('d'))
    assert.deepEqual(await reading, [2, 3, 4])
  })

  it('holds no more than its capacity, also for a reader that stalls', async () => {
    const log = new EventLog({ elapsedMs: () => 0, capacity: 3 })
    const stalled = log.events({ since: 0 })
    for (let i = 0; i < 10; i += 1) log.emit(body('x'))
    log.end()
    assert.deepEqual(await take(stalled, 99), [8, 9, 10])
  })

  it('ends a waiting reader when its signal aborts, when it leaves, and when the log ends', async () => {
    const log = new EventLog({ elapsedMs: () => 0 })
    const controller = new AbortController()
    const aborted = take(log.events({ signal: controller.signal }), 1)
    const ended = take(log.events(), 1)
    const leaver = log.events()[Symbol.asyncIterator]()
    const pending = leaver.next()
    controller.abort()
    assert.deepEqual(await aborted, [])
    await leaver.return?.()
    assert.equal((await pending).done, true)
    log.end()
    assert.deepEqual(await ended, [])
    log.emit(body('after the end'))
    assert.deepEqual(await take(log.events({ since: 0 }), 1), [])
    assert.deepEqual(await take(log.events({ signal: AbortSignal.abort() }), 1), [])
  })
})
