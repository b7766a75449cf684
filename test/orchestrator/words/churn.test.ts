import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type ChurnMoment, churnSchedule } from '#orchestrator/words/churn-schedule.ts'
import { faultsIn } from '#test/support/scenario-text.ts'
import { simRun } from '#test/support/sim-run.ts'

const NODES = ['a', 'b', 'c', 'd', 'e', 'f']
const HOUR_MS = 3_600_000

function schedule(seed: number): ChurnMoment[] {
  return churnSchedule({ nodes: NODES, durationMs: HOUR_MS, changeMs: 60_000, seed })
}

describe('who comes and goes when', () => {
  it('is decided by the seed', () => {
    assert.deepEqual(schedule(1), schedule(1))
    assert.notDeepEqual(schedule(1), schedule(2))
  })

  it('lets nobody leave twice, at most half be away, only those read who are there, and all come back', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const away = new Set<string>()
      let lastMs = 0
      for (const { atMs, what, node } of schedule(seed)) {
        assert.ok(atMs >= lastMs && atMs <= HOUR_MS)
        lastMs = atMs
        assert.equal(away.has(node), what === 'start', `${what} ${node}`)
        if (what === 'start') away.delete(node)
        else if (what !== 'read') away.add(node)
        assert.ok(away.size <= NODES.length / 2)
      }
      assert.deepEqual([...away], [])
    }
  })

  it('begins soon, whatever the seed', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const [first] = schedule(seed).filter(({ what }) => what !== 'read')
      assert.ok((first?.atMs ?? HOUR_MS) < 6 * 60_000, `seed ${seed}: ${first?.atMs} ms`)
    }
  })

  it('is about one change a minute, of each kind, and a read every ten seconds', () => {
    const moments = [1, 2, 3, 4].flatMap((seed) => schedule(seed))
    const counts = Map.groupBy(moments, ({ what }) => what)
    const count = (what: 'read' | 'start' | 'stop' | 'kill'): number =>
      counts.get(what)?.length ?? 0
    assert.equal(count('read'), 4 * 360)
    const changes = count('start') + count('stop') + count('kill')
    assert.ok(changes > 180 && changes < 300, `${changes}`)
    assert.ok(count('stop') > 30 && count('kill') > 30)
  })
})

const text = (churn: string, put = 'kept'): string => `name: churns
title: churns
sites: { net: { nat: public } }
nodes:
  seed: { site: net, env: { PUBLIC_IP: '{public}' } }
  n: { site: net, count: 4, bootstrap: [seed], env: { PUBLIC_IP: '{public}' } }
steps:
  - expect: [{ observer: { every: n }, lists: seed }]
  - { node: n-1, put: news, value: ${put} }
  - { churn: ${churn} }
`

describe('churn', () => {
  for (const [what, churn, expected] of [
    ['a stranger', '[n-1, n-9], for: 1m, reads: news, value: kept', /n-9/],
    ['one alone', '[n-1], for: 1m, reads: news, value: kept', /two nodes or more/],
    ['one twice', '[n-1, n-2, n-1], for: 1m, reads: news, value: kept', /n-1 is there twice/],
    ['what nobody put', '[n-1, n-2], for: 1m, reads: olds, value: kept', /olds/],
    ['another value', '[n-1, n-2], for: 1m, reads: news, value: lost', /lost/],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const [fault] = faultsIn(text(churn))
      assert.match(`${fault?.line}: ${fault?.message}`, /^10: /)
      assert.match(fault?.message ?? '', expected)
    })
  }

  it('reads while nodes come and go, and says how often it found what it read', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-churn-'))
    const file = join(directory.path, 'churns.yaml')
    await writeFile(
      file,
      text('[{ every: n }], for: 5m, change: 30s, reads: news, value: kept, seed: 3'),
    )
    const { events } = await simRun(file, directory.path)
    const results = events.flatMap((event) => (event.type === 'expectation' ? [event.result] : []))
    const last = results.at(-1)
    assert.equal(last?.text, '4 nodes come and go for 5m, and read news')
    assert.deepEqual([last.holds, last.seen], [true, '30 of 30 reads found it'])
    const starts = events.filter(
      (event) => event.type === 'node-event' && event.event.event === 'start',
    )
    assert.ok(starts.length > 5, 'somebody came back')
  })
})
