import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import { SimulatedTime, SimulationStalledError } from '#orchestrator/time/simulated-time.ts'
import { holdTime, timeline } from '#orchestrator/time/timeline.ts'
import { wallNow } from '#orchestrator/time/wall.ts'

const HOUR_MS = 3_600_000
/** What of the system is replaced while time is simulated. */
function globals(): unknown[] {
  const holders: [object, string[]][] = [
    [globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'Date']],
    [Date, ['now']],
    [Math, ['random']],
    [AbortSignal, ['timeout']],
    [performance, ['now', 'timeOrigin']],
    [timersPromises, ['setTimeout']],
  ]
  return holders.flatMap(([holder, names]) =>
    names.map((name) => Reflect.get(holder, name) as unknown),
  )
}

const realGlobals = globals()

function createTime(): SimulatedTime {
  let draws = 0
  return new SimulatedTime({ random: () => (draws++ % 10) / 10 })
}

const inTime = <T>(body: () => Promise<T>): Promise<T> => createTime().run(body)

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs)
  })
}

describe('simulated time', () => {
  it('passes an hour at once, for every timer and every clock', async () => {
    const startedAt = wallNow()
    const waits: (() => Promise<unknown>)[] = [
      () => sleep(HOUR_MS),
      () => timersPromises.setTimeout(HOUR_MS),
      () => timersPromises.scheduler.wait(HOUR_MS),
      () => promisify(setTimeout)(HOUR_MS),
      async () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        AbortSignal.timeout(HOUR_MS).addEventListener('abort', () => resolve())
        await promise
      },
      async () => {
        let ticks = 0
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setInterval(() => {
          if (++ticks === 60) resolve()
        }, HOUR_MS / 60)
        await promise
        clearInterval(timer)
      },
      async () => {
        let ticks = 0
        for await (const _ of timersPromises.setInterval(HOUR_MS / 4)) if (++ticks === 4) break
      },
    ]
    for (const wait of waits) {
      const { date, constructed, monotonic } = await inTime(async () => {
        const since = { date: Date.now(), made: new Date(), monotonic: performance.now() }
        await wait()
        return {
          date: Date.now() - since.date,
          constructed: new Date().getTime() - since.made.getTime(),
          monotonic: performance.now() - since.monotonic,
        }
      })
      assert.deepEqual([date, constructed, monotonic], [HOUR_MS, HOUR_MS, HOUR_MS])
    }
    assert.ok(wallNow() - startedAt < HOUR_MS / 2)
  })

  it('passes only when everything else has come to rest', async () => {
    const seen = await inTime(async () => {
      let steps = 0
      setTimeout(() => (steps += 1_000_000), 1)
      for (let count = 0; count < 500; count++) {
        await Promise.resolve()
        await new Promise<void>((resolve) => process.nextTick(resolve))
        await new Promise<void>((resolve) => queueMicrotask(resolve))
        await new Promise<void>((resolve) => setImmediate(resolve))
        steps += 1
      }
      return { steps, now: performance.now() }
    })
    assert.deepEqual(seen, { steps: 500, now: 0 })
  })

  it('does not pass while the real world is waited for', async () => {
    const order = await inTime(async () => {
      const order: string[] = []
      setTimeout(() => order.push('timer'), 1)
      await holdTime(readFile(import.meta.filename))
      order.push('file')
      await sleep(2)
      return order
    })
    assert.deepEqual(order, ['file', 'timer'])
  })

  it('has what is due at one moment happen in the order in which it was asked for', async () => {
    const order = await inTime(async () => {
      const order: number[] = []
      await sleep(5)
      setTimeout(() => order.push(3), 2)
      setTimeout(() => order.push(1), 1)
      setTimeout(() => order.push(2), 1)
      setTimeout(() => order.push(4), 2)
      clearTimeout(setTimeout(() => order.push(5), 1))
      await sleep(10)
      return order
    })
    assert.deepEqual(order, [1, 2, 3, 4])
  })

  it('reads a delay as Node does', async () => {
    const seen = await inTime(async () => {
      const seen: number[] = []
      for (const delayMs of [0, -1, Number.NaN, 1.9, 2 ** 31]) {
        setTimeout(() => seen.push(performance.now()), delayMs)
      }
      const late = setTimeout(() => seen.push(performance.now()), 4)
      await sleep(3)
      late.refresh()
      await sleep(9)
      return seen
    })
    assert.deepEqual(seen, [1, 1, 1, 1, 1, 7])
  })

  it('reports that nothing is left to wait for', async () => {
    await assert.rejects(
      inTime(async () => {
        await sleep(5)
        await new Promise(() => undefined)
      }),
      (error: Error) => error instanceof SimulationStalledError && /after 5 ms/.test(error.message),
    )
  })

  it('ends with its run: what is left over never happens, and the globals are the real ones', async () => {
    let late = false
    await inTime(async () => {
      setTimeout(() => (late = true), 1)
    })
    await sleep(20)
    assert.equal(late, false)
    assert.deepEqual(globals(), realGlobals)
  })

  it('leaves real time to all who do not run in it, and another time to another run', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const one = inTime(async () => {
      begin()
      await sleep(HOUR_MS)
      return Date.now()
    })
    const other = inTime(async () => {
      await sleep(2 * HOUR_MS)
      return Date.now()
    })
    await begun
    assert.equal(timeline(), null)
    assert.ok(Math.abs(Date.now() - wallNow()) < 1000)
    const outside = setTimeout(() => undefined, HOUR_MS)
    assert.equal(outside.hasRef(), true)
    outside.unref()
    assert.equal(outside.hasRef(), false)
    clearTimeout(outside)
    assert.equal((await other) - (await one), HOUR_MS)
  })

  it('draws random numbers and bytes from its own source', async () => {
    const seen = await inTime(async () => [
      Math.random(),
      Math.random(),
      ...crypto.getRandomValues(new Uint8Array(2)),
    ])
    assert.deepEqual(seen, [0, 0.1, 51, 76])
  })

  it('makes dates that are dates', async () => {
    const date = await inTime(async () => new Date())
    assert.ok(date instanceof Date)
    assert.equal(date.toISOString(), '2026-01-01T00:00:00.000Z')
    const parsed = await inTime(async () => new Date('2020-02-02T00:00:00Z').getTime())
    assert.equal(parsed, Date.UTC(2020, 1, 2))
  })
})
