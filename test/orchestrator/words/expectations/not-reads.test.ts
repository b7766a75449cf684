import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { simRun } from '#test/support/sim-run.ts'

/** C speaks another Kademlia protocol than A and B: it finds nothing that they store. */
const NETWORK = `
name: not-reads
title: who must not read
internet: 11.0.0.0/24
sites: { net: { nat: public } }
nodes:
  A: { site: net, address: 11.0.0.10, env: { PUBLIC_IP: '{public}' } }
  B: { site: net, address: 11.0.0.11, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
  C: { site: net, address: 11.0.0.12, bootstrap: [A], env: { PUBLIC_IP: '{public}', KAD_PROTOCOL: /other/kad/1.0.0 } }
  D: { site: net, address: 11.0.0.13, bootstrap: [A], autostart: false, env: { PUBLIC_IP: '{public}' } }
steps:
  - expect: [{ observer: B, lists: A, within: 60s }]
  - { node: B, put: key, value: old }
`

describe('not-reads', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-not-reads-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  /** The results of the last step. */
  async function results(steps: string): Promise<Pick<ExpectationResult, 'holds' | 'seen'>[]> {
    const file = join(directory, 'not-reads.yaml')
    await writeFile(file, `${NETWORK}${steps}\n`)
    const { events } = await simRun(file, directory)
    const last = events.findLastIndex(({ type }) => type === 'step')
    return events
      .slice(last)
      .flatMap((event) => (event.type === 'expectation' ? [event.result] : []))
      .map(({ holds, seen }) => ({ holds, seen }))
  }

  it('holds where the node finds nothing, and not where it finds something', async () => {
    const said = await results(`
  - expect:
      - { node: C, not-reads: key, within: 5s }
      - { node: A, not-reads: key, within: 5s }`)
    assert.deepEqual(said, [
      { holds: true, seen: 'no record' },
      { holds: false, seen: "'old'" },
    ])
  })

  it('with a value: another one does no harm', async () => {
    const said = await results(`
  - { node: B, put: key, value: new }
  - expect:
      - { node: A, not-reads: key, value: old, within: 5s }
      - { node: A, not-reads: key, value: new, within: 5s }`)
    assert.deepEqual(said, [
      { holds: true, seen: "'new'" },
      { holds: false, seen: "'new'" },
    ])
  })

  it('is looked at until its time is over: what is read later has been read', async () => {
    const said = await results(`
  - { start: D }
  - expect:
      - { node: D, not-reads: key, within: 1s, stays: 60s }`)
    assert.equal(said[0]?.holds, false, said[0]?.seen)
    assert.match(said[0]?.seen ?? '', /'old'/)
  })
})
