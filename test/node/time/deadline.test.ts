import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runQuery, within } from '#node/time/deadline.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** Rejects as soon as the signal aborts, as an orderly call does. */
async function untilAborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  return promise
}

async function* numbers(signal: AbortSignal): AsyncGenerator<number> {
  yield 1
  yield 2
  await untilAborted(signal)
}

const failing = async (): Promise<string> => {
  throw new Error('broken')
}

describe('within', () => {
  it('hands on what the work brings, and leaves no timer', async () => {
    const clock = new ManualClock()
    assert.equal(await within(clock, 50, undefined, async () => 'done'), 'done')
    assert.equal(clock.pending(), 0)
  })

  it('aborts the work with a TimeoutError when the time is over', async () => {
    const clock = new ManualClock()
    const late = assert.rejects(within(clock, 50, undefined, untilAborted), {
      name: 'TimeoutError',
      message: 'took longer than 50 ms',
    })
    await clock.advance(50)
    await late
  })

  it('comes to what `late` says when the time is over, which hears of the rejection', async () => {
    const clock = new ManualClock()
    const heard: unknown[] = []
    const answer = within<string>(clock, 50, undefined, untilAborted, (error) => {
      heard.push((error as Error).name)
      return 'too late'
    })
    await clock.advance(50)
    assert.equal(await answer, 'too late')
    assert.deepEqual(heard, ['TimeoutError'])
  })

  it("rejects with the work's own error in time, whatever `late` says", async () => {
    await assert.rejects(
      within(new ManualClock(), 50, undefined, failing, () => 'too late'),
      /broken/,
    )
  })

  it("rejects with the caller's reason, also where the work says something else", async () => {
    const clock = new ManualClock()
    const caller = new AbortController()
    const answer = within<string>(
      clock,
      50,
      caller.signal,
      async (signal) => untilAborted(signal).catch(() => Promise.reject(new Error('other'))),
      () => 'too late',
    )
    caller.abort(new Error('given up'))
    await assert.rejects(answer, /given up/)
    assert.equal(clock.pending(), 0)
  })

  it('begins nothing for a caller that has given up already', async () => {
    const signal = AbortSignal.abort(new Error('given up'))
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
    }
    await assert.rejects(within(new ManualClock(), 50, signal, work), /given up/)
    assert.equal(begun, false)
  })
})

describe('runQuery', () => {
  it('keeps what came before the time was over', async () => {
    const clock = new ManualClock()
    const seen: number[] = []
    const running = runQuery({ clock, limitMs: 50, caller: undefined }, numbers, (event) => {
      seen.push(event)
      return false
    })
    await clock.advance(50)
    await running
    assert.deepEqual(seen, [1, 2])
  })

  it('ends with the event that is enough', async () => {
    const seen: number[] = []
    await runQuery(
      { clock: new ManualClock(), limitMs: 50, caller: undefined },
      numbers,
      (event) => {
        seen.push(event)
        return true
      },
    )
    assert.deepEqual(seen, [1])
  })

  it("rejects with the caller's reason", async () => {
    const caller = new AbortController()
    const running = runQuery(
      { clock: new ManualClock(), limitMs: 50, caller: caller.signal },
      numbers,
      () => false,
    )
    caller.abort(new Error('given up'))
    await assert.rejects(running, /given up/)
  })
})
