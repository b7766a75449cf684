import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openFace } from '#node/api/http/listen.ts'
import { glances, socketOf } from '#node/gateway/glance.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

describe('glances', () => {
  it('wait two seconds for a node that hangs', { timeout: 10_000 }, async (t) => {
    const opened = new AsyncDisposableStack()
    t.after(async () => opened.disposeAsync())
    const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-glance-'))).path
    for (const name of ['broken-off', 'silent']) await mkdir(join(folder, name))
    const listenAs = (name: string) => ({ path: socketOf(folder, name) })
    const silent = createServer(() => {})
    const brokenOff = createServer((_request, response) => void response.write('{'))
    opened.use(await openFace(silent, listenAs('silent')))
    opened.use(await openFace(brokenOff, listenAs('broken-off')))

    const clock = new ManualClock()
    const both = Promise.all([once(silent, 'request'), once(brokenOff, 'request')])
    const glanced = glances(folder, { clock })
    await both
    await clock.advance(1999)
    assert.equal(clock.pending(), 2)
    await clock.advance(1)
    const error = 'took longer than 2000 ms'
    assert.deepEqual(await glanced, [
      { name: 'broken-off', status: null, error },
      { name: 'silent', status: null, error },
    ])
  })

  it('end their wait with the answer', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-glance-'))
    await mkdir(join(folder.path, 'dead'))
    const clock = new ManualClock()
    const [dead] = await glances(folder.path, { clock })
    assert.match(dead?.error ?? '', /no node answers/)
    assert.equal(clock.pending(), 0)
  })
})
