import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay } from '#node/time/delay.ts'
import { SimProcess } from '#orchestrator/fabric/sim/process.ts'
import { SimulatedTime } from '#orchestrator/time/simulated-time.ts'

/** What a process in simulated time tells, each with the seconds after its start. */
async function told(
  body: (
    process: SimProcess,
    tell: (what: string) => void,
    wait: (ms: number) => Promise<void>,
  ) => Promise<void>,
): Promise<string[]> {
  const time = new SimulatedTime({ random: () => 0.5 })
  const lines: string[] = []
  const signal = new AbortController().signal
  await time.run(() =>
    body(
      new SimProcess(time.clock),
      (what) => lines.push(`${(time.now() - time.originMs) / 1000} ${what}`),
      (ms) => delay(time.clock, ms, { signal }),
    ),
  )
  return lines
}

describe('SimProcess', () => {
  it('has a clock that is off, and waits as long as others', async () => {
    const time = new SimulatedTime({ random: () => 0.5 })
    const seen: number[] = []
    await time.run(async () => {
      const process = new SimProcess(time.clock, 86_400_000)
      const since = Date.now()
      await process.ask(async () => {
        const [began, lived] = [Date.now(), performance.now()]
        await new Promise<void>((resolve) => {
          setTimeout(resolve, 1000)
        })
        seen.push(began - since, process.clock.now() - since, Date.now() - began)
        seen.push(performance.now() - lived, performance.timeOrigin - (since - lived))
      })
      seen.push(Date.now() - since)
    })
    assert.deepEqual(seen, [86_400_000, 86_401_000, 1000, 1000, 86_400_000, 1000])
  })

  it('handles what comes at once, and what came while it was paused in its order when it goes on', async () => {
    const lines = await told(async (process, tell, wait) => {
      process.run(() => tell('one'))
      process.pause()
      process.run(() => tell('two'))
      process.run(() => tell('three'))
      await wait(2000)
      process.resume()
      process.run(() => tell('four'))
      await wait(1000)
      process.run(() => tell('five'))
    })
    assert.deepEqual(lines, ['0 one', '2 two', '2 three', '2 four', '3 five'])
  })

  it('holds the timers of its code, the global ones and its clock’s, and forgets those that are cleared meanwhile', async () => {
    const lines = await told(async (process, tell, wait) => {
      process.run(() => {
        setTimeout(() => {
          tell('global')
          clearTimeout(cleared)
        }, 1000)
        const cleared = setTimeout(() => tell('cleared'), 1001)
        process.clock.setTimeout(() => tell('clock'), 1002)
        setInterval(() => tell('interval'), 1500)
      })
      process.pause()
      setTimeout(() => tell('of another'), 1000)
      await wait(5000)
      process.resume()
      await wait(2000)
    })
    assert.deepEqual(lines, ['1 of another', '5 global', '5 clock', '5 interval', '6.5 interval'])
  })

  it('answers when it goes on, and can be paused again while it does', async () => {
    const lines = await told(async (process, tell, wait) => {
      process.pause()
      const asked = ['one', 'two'].map(async (word) =>
        tell(await process.ask(() => Promise.resolve(word))),
      )
      await wait(1000)
      process.run(() => process.pause())
      const third = process.ask(() => Promise.resolve('three'))
      process.resume()
      await Promise.all(asked)
      await wait(1000)
      process.resume()
      tell(await third)
    })
    assert.deepEqual(lines, ['1 one', '1 two', '2 three'])
  })
})
