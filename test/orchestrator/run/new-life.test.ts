import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { simRun } from '#test/support/sim-run.ts'

/** B joins A, which is ended and started again; both are public, so that nothing but time is in the way. */
function scenario(steps: string): string {
  return `
name: again
title: again
internet: 11.0.0.0/24
sites: { net: { nat: public } }
nodes:
  A: { site: net, env: { PUBLIC_IP: '{public}' } }
  B: { site: net, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
steps:
  - expect: [{ observer: B, lists: A, within: 60s }, { observer: B, connected: A, within: 60s }]
${steps}
  - expect: [{ observer: B, lists: A, within: 5ms }]
  - expect: [{ observer: B, lists: A, within: 60s }, { observer: B, dialable: A, within: 60s }]
`
}

describe('after a node was started again', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-new-life-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  for (const [how, steps] of [
    ['restarted', '  - { restart: A }'],
    ['stopped and started', '  - { stop: A }\n  - { start: A }'],
    ['killed and started', '  - { kill: A }\n  - { start: A }'],
  ] as const) {
    it(`what others knew of it before is no answer: ${how}`, async () => {
      const file = join(directory, 'again.yaml')
      await writeFile(file, scenario(steps))
      const { events } = await simRun(file, directory)
      const results = events.flatMap((event) =>
        event.type === 'expectation' ? [event.result] : [],
      )
      assert.deepEqual(
        results.map(({ holds }) => holds),
        [true, true, false, true, true],
      )
    })
  }
})

describe('after a router has forgotten its mappings', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-flushed-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('a connection that was there before counts once something has come over it', async () => {
    const file = join(directory, 'flushed.yaml')
    await writeFile(
      file,
      `
name: flushed
title: flushed
sites: { net: { nat: public }, home: { nat: symmetric } }
nodes:
  A: { site: net }
  B: { site: home, bootstrap: [A] }
steps:
  - expect: [{ observer: A, connected: B, within: 60s }]
  - { flush-nat: home }
  - expect: [{ observer: A, connected: B, within: 5ms }]
  - expect: [{ observer: A, connected: B, within: 60s }]
`,
    )
    const { events } = await simRun(file, directory)
    const results = events.flatMap((event) => (event.type === 'expectation' ? [event.result] : []))
    assert.deepEqual(
      results.map(({ holds }) => holds),
      [true, false, true],
    )
    const made = events.filter(
      (event) =>
        event.type === 'node-event' && event.node === 'B' && event.event.event === 'connected',
    )
    assert.equal(made.length, 2)
  })
})
