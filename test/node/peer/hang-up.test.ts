import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ClosableConnection, hangUp } from '#node/peer/hang-up.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** A connection whose `close` the test decides. */
class FakeConnection extends EventTarget {
  status: ClosableConnection['status'] = 'open'
  asked = 0
  readonly #close: (connection: FakeConnection) => Promise<void>

  constructor(close: (connection: FakeConnection) => Promise<void>) {
    super()
    this.#close = close
  }

  close(): Promise<void> {
    this.asked++
    return this.#close(this)
  }

  end(): void {
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}

const never = new Promise<never>(() => {})
const hostOf = (...connections: FakeConnection[]): Parameters<typeof hangUp>[0] => ({
  getConnections: () => connections,
})

describe('hangUp', () => {
  it('waits for each connection to be closed', async () => {
    const clock = new ManualClock()
    const slow = Promise.withResolvers<void>()
    const quick = new FakeConnection(async (connection) => connection.end())
    const other = new FakeConnection(async (connection) => {
      await slow.promise
      connection.end()
    })
    let done = false
    const hanging = hangUp(hostOf(quick, other), { clock }).then(() => (done = true))
    await clock.advance(100)
    assert.deepEqual([quick.asked, other.asked, done], [1, 1, false])
    slow.resolve()
    await hanging
    assert.equal(clock.pending(), 0)
  })

  it('is done when the other side ends what is being closed, though `close` itself never settles', async () => {
    const clock = new ManualClock()
    const connection = new FakeConnection(() => never)
    const hanging = hangUp(hostOf(connection), { clock })
    connection.end()
    await hanging
    assert.equal(clock.pending(), 0)
  })

  it('leaves alone what has ended, and takes a `close` that fails for no end', async () => {
    const clock = new ManualClock()
    const ended = new FakeConnection(() => never)
    ended.status = 'aborted'
    const failing = new FakeConnection(async () => {
      throw new Error('no close today')
    })
    const hanging = hangUp(hostOf(ended, failing), { clock })
    await clock.advance(0)
    failing.end()
    await hanging
    assert.equal(ended.asked, 0)
  })

  it('gives up after half a second', async () => {
    const clock = new ManualClock()
    let done = false
    const hanging = hangUp(hostOf(new FakeConnection(() => never)), { clock }).then(
      () => (done = true),
    )
    await clock.advance(499)
    assert.equal(done, false)
    await clock.advance(1)
    await hanging
    assert.equal(clock.pending(), 0)
  })
})
