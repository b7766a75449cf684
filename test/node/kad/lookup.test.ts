import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import type { KadClient } from '#node/kad/client.ts'
import { compareDistance, type Contact } from '#node/kad/distance.ts'
import { lookUp, type Lookup } from '#node/kad/lookup.ts'
import type { WireMessage } from '#node/kad/message.ts'
import { Pace } from '#node/kad/pace.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const TARGET = Buffer.alloc(32)

function contact(name: string): Contact {
  const place = createHash('sha256').update(name).digest()
  return { name, place, peerId: { toString: () => name } as PeerId }
}

const ALL = Array.from({ length: 40 }, (_, index) => contact(`p${index}`)).toSorted((one, other) =>
  compareDistance(TARGET, one.place, other.place),
)
const named = (names: readonly string[]): Contact[] =>
  names.map((name) => ALL.find((each) => each.name === name) ?? assert.fail())
const namesOf = (contacts: readonly Contact[]): string[] => contacts.map(({ name }) => name)

interface Made {
  /** Whom each contact knows; default: everybody. */
  knows?: (name: string) => readonly string[]
  /** Those that never answer, and those that fail at once. */
  silent?: readonly string[]
  dead?: readonly string[]
  listed?: readonly string[]
  /** Those that are on one host. Default: nothing is known of where anybody is. */
  crowd?: readonly string[]
  lookup?: Partial<Lookup>
}

function network({ knows = () => [], silent = [], dead = [], listed, crowd, lookup = {} }: Made) {
  const clock = new ManualClock()
  const pace = new Pace(clock)
  const asked: string[] = []
  const client: KadClient = {
    pace,
    async ask({ name }) {
      asked.push(name)
      pace.asked(name)
      await setImmediate()
      if (dead.includes(name)) throw new Error('refused')
      if (silent.includes(name)) return new Promise(() => {})
      pace.answered(name, 1)
      return { type: 'FIND_NODE', key: Buffer.from(name), closer: [], providers: [] }
    },
    tell: () => assert.fail(),
    stop() {},
  }
  const known = listed === undefined ? ALL : named(listed)
  const run = lookUp(
    {
      client,
      clock,
      closestListed: (place, count) =>
        known
          .toSorted((one, other) => compareDistance(place, one.place, other.place))
          .slice(0, count),
      whereIs: ({ name }) =>
        crowd?.includes(name) === true ? [{ host: '12.6.6.6', network: '12.6.6.0/24' }] : [],
      contactsIn: ({ key }: WireMessage) => named(knows(String(Buffer.from(key ?? [])))),
    },
    {
      place: TARGET,
      question: { type: 'FIND_NODE', frame: new Uint8Array(1) },
      count: 20,
      enough: 3,
      parallel: 10,
      signal: new AbortController().signal,
      ...lookup,
    },
  )
  return { clock, pace, asked, run }
}

const allButOne = (contacts: number): number => contacts - 1

describe('a lookup', () => {
  it('ends when the closest three have answered, and names the twenty closest', async () => {
    const { asked, run } = network({})
    const { closest } = await run
    assert.deepEqual(asked, namesOf(ALL.slice(0, 3)))
    assert.deepEqual(namesOf(closest), namesOf(ALL.slice(0, 20)))
  })

  it('finds its way from the far side to peers that nobody listed here', async () => {
    const far = namesOf(ALL.slice(-3))
    const order = namesOf(ALL)
    // Each knows the three that are a little closer than itself.
    const knows = (name: string): string[] => {
      const index = order.indexOf(name)
      return order.slice(Math.max(0, index - 6), index)
    }
    const { closest } = await network({ listed: far, knows }).run
    assert.deepEqual(namesOf(closest).slice(0, 3), order.slice(0, 3))
  })

  it('leaves out those that fail, and asks the next', async () => {
    const dead = namesOf(ALL.slice(0, 2))
    const { closest } = await network({ dead }).run
    assert.deepEqual(namesOf(closest)[0], ALL[2]?.name)
    assert.equal(closest.length, 18)
  })

  it('asks another beside one that is late, and ends without it', async () => {
    const [slow] = namesOf(ALL)
    const { asked, run, clock } = network({ silent: [slow ?? ''] })
    for (let count = 0; count < 5; count += 1) await setImmediate()
    assert.equal(asked.length, 3)
    await clock.advance(60)
    const { closest, answered } = await run
    assert.equal(asked.length, 4)
    assert.ok(!namesOf(answered).includes(slow ?? ''))
    assert.ok(namesOf(closest).includes(slow ?? ''))
  })

  it('never waits for one that is stalled, and puts it last', async () => {
    const [stalled = ''] = namesOf(ALL)
    const { pace, clock } = network({})
    pace.asked(stalled)
    await clock.advance(1000)
    const client: KadClient = {
      pace,
      ask: async ({ name }) =>
        name === stalled ? new Promise(() => {}) : { type: 'FIND_NODE', closer: [], providers: [] },
      tell: () => assert.fail(),
      stop() {},
    }
    const { closest } = await lookUp(
      {
        client,
        clock,
        closestListed: () => ALL.slice(0, 5),
        contactsIn: () => [],
        whereIs: () => [],
      },
      {
        place: TARGET,
        question: { type: 'FIND_NODE', frame: new Uint8Array(1) },
        count: 20,
        enough: 3,
        parallel: 10,
        signal: new AbortController().signal,
      },
    )
    assert.deepEqual(namesOf(closest), [...namesOf(ALL.slice(1, 5)), stalled])
  })

  it('waits for those that are late where fewer than the quorum have answered', async () => {
    const listed = namesOf(ALL.slice(0, 3))
    const silent = listed.slice(0, 2)
    const { run, clock } = network({ listed, silent, lookup: { quorum: allButOne } })
    let done = false
    void run.then(() => (done = true))
    await clock.advance(1000)
    assert.equal(done, false)
  })

  it('ends at the first answer that is enough, and with its caller', async () => {
    const { asked, run } = network({ lookup: { onAnswer: () => true, parallel: 1 } })
    await run
    assert.equal(asked.length, 1)
    const controller = new AbortController()
    const { run: other } = network({
      silent: namesOf(ALL),
      lookup: { signal: controller.signal },
    })
    controller.abort(new Error('enough'))
    await assert.rejects(other, { message: 'enough' })
  })

  it('goes on beyond a crowd of one host, which has no say in who is missing', async () => {
    const order = namesOf(ALL)
    const crowd = order.slice(0, 12)
    const ghosts = order.slice(12, 16)
    const listed = [...crowd, ...order.slice(16, 24)]
    const { asked, run } = network({
      listed,
      crowd,
      dead: ghosts,
      // Whoever is asked for what nobody has put would wait for these.
      knows: (name) => (crowd.includes(name) ? ghosts : []),
      lookup: { enough: 20, quorum: allButOne },
    })
    const { closest, witnesses, silent, asked: counted, isCrowded } = await run
    assert.equal(isCrowded, true)
    const honest = order.slice(16, 24)
    assert.deepEqual(namesOf(closest), [...crowd.slice(0, 5), ...honest])
    assert.deepEqual(namesOf(witnesses), honest)
    assert.deepEqual([counted, silent], [honest.length, []])
    assert.deepEqual(
      crowd.filter((name) => asked.includes(name)),
      crowd.slice(0, 5),
    )
  })

  it('ends at once where nobody is listed', async () => {
    const { closest } = await network({ listed: [] }).run
    assert.deepEqual(closest, [])
  })
})
