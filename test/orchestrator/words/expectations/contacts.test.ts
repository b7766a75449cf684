import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { simRun } from '#test/support/sim-run.ts'

/** A is public, B behind a router that lets nobody in and says its public address nonetheless, C joins through A as B does. P announces what is private, W the address of C. */
const NETWORK = `
name: contacts
title: what nodes do to each other
internet: 11.0.0.0/24
sites: { net: { nat: public }, home: { nat: port-restricted, public: 11.0.0.40 } }
nodes:
  A: { site: net, address: 11.0.0.10, env: { PUBLIC_IP: '{public}' } }
  B: { site: home, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
  C: { site: net, address: 11.0.0.12, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
  P: { site: home, bootstrap: [A], env: { KAD_MODE: client } }
  W: { site: home, bootstrap: [A], env: { ANNOUNCE: /ip4/11.0.0.12/tcp/3000 } }
`

describe('expectations of what nodes do to each other', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-contacts-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  /** The results of the last step. */
  async function results(steps: string): Promise<Pick<ExpectationResult, 'holds' | 'seen'>[]> {
    const file = join(directory, 'contacts.yaml')
    await writeFile(file, `${NETWORK}steps:\n${steps}\n`)
    const { events } = await simRun(file, directory)
    const last = events.findLastIndex(({ type }) => type === 'step')
    return events
      .slice(last)
      .flatMap((event) => (event.type === 'expectation' ? [event.result] : []))
      .map(({ holds, seen }) => ({ holds, seen }))
  }

  it('announces: the very address', async () => {
    const said = await results(`
  - expect:
      - { node: A, announces: /ip4/11.0.0.10/tcp/3000 }
      - { node: A, announces: /ip4/11.0.0.10/tcp/3001, within: 1s }`)
    assert.deepEqual(said, [
      { holds: true, seen: '/ip4/11.0.0.10/tcp/3000' },
      { holds: false, seen: '/ip4/11.0.0.10/tcp/3000' },
    ])
  })

  it('never-dials: nobody dials without a reason, and whoever has dialled has', async () => {
    const joined = '  - expect: [{ observer: C, lists: A, within: 60s }]\n'
    const said = await results(`${joined}
  - expect:
      - { observer: C, never-dials: A, within: 1s }`)
    assert.deepEqual(said, [{ holds: false, seen: 'dialled' }])
    const alone = `
  - { stop: B }
  - { restart: A }
  - { stop: C }
  - expect:
      - { observer: A, never-dials: C, within: 1s, stays: 1s }`
    // What it knew of C went with its life before.
    assert.deepEqual(await results(alone), [{ holds: true, seen: 'not dialled' }])
  })

  it('never-dials: fails where it dials while it must not', async () => {
    const said = await results(`
  - { stop: C }
  - expect: [{ observer: A, connected: B, within: 60s }]
  - { start: C }
  - expect:
      - { observer: C, never-dials: A, within: 1s, stays: 60s }`)
    assert.equal(said[0]?.holds, false)
  })

  it('rejoins: by a connection that began after the change, and by no older one', async () => {
    const joined = '  - expect: [{ observer: A, connected: B, within: 60s }]\n'
    const restarted = `${joined}  - { restart: B }
  - expect:
      - { observer: A, rejoins: B, within: 60s }`
    assert.deepEqual(await results(restarted), [{ holds: true, seen: 'connected anew' }])
    const another = `${joined}  - { restart: C }
  - expect:
      - { observer: A, rejoins: B, within: 60s }`
    assert.deepEqual(await results(another), [
      { holds: false, seen: 'connected since before the last change' },
    ])
  })

  it('unreachable: what was not tried did not fail', async () => {
    const [said] = await results(`
  - expect: [{ observer: A, connected: P, within: 60s }]
  - expect: [{ observer: A, unreachable: P, within: 2s }]`)
    assert.equal(said?.holds, false)
    assert.match(said.seen, /may not be dialled \(DIAL_PRIVATE\)/)
  })

  it('unreachable: who else answers at an address of the target is not the target', async () => {
    const said = await results(`
  - expect: [{ observer: A, connected: W, within: 60s }]
  - expect: [{ observer: A, unreachable: W, within: 30s }]`)
    assert.deepEqual(said, [{ holds: true, seen: 'no address reached: wrong-peer-id' }])
  })

  it('unreachable: where no announced address lets a fresh connection in', async () => {
    const said = await results(`
  - expect: [{ observer: A, connected: B, within: 60s }]
  - expect:
      - { observer: A, unreachable: B, within: 30s }
      - { observer: B, unreachable: A, within: 5s }`)
    assert.deepEqual(said, [
      { holds: true, seen: 'no address reached: timed-out' },
      { holds: false, seen: 'reached at /ip4/11.0.0.10/tcp/3000' },
    ])
  })
})
