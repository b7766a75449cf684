import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { silentLog } from '#node/base/log.ts'
import { createHeartbeat } from '#node/patches/heartbeat.ts'
import { delay } from '#node/time/delay.ts'
import { SimulatedTime } from '#orchestrator/time/simulated-time.ts'

const quietYamux = yamux({ enableKeepAlive: false })
const OPTIONS = { intervalMs: 10_000, timeoutMs: 5000 }

interface Ends {
  near: MultiaddrConnection
  far: MultiaddrConnection
  /** When the near end was closed, in milliseconds from the start; null while it is open. */
  closedAtMs: () => number | null
}

/** Watches one end of a connection for as long as `body` takes, in simulated time. */
async function watching(
  body: (ends: Ends, wait: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const time = new SimulatedTime({ random: () => 0.5 })
  const { clock } = time
  await time.run(async () => {
    const startedAt = clock.now()
    const [near, far] = multiaddrConnectionPair()
    const heartbeat = createHeartbeat({ clock, log: silentLog }, OPTIONS)
    const other = createHeartbeat({ clock, log: silentLog }, { ...OPTIONS, intervalMs: 1e9 })
    let closedAtMs: number | null = null
    near.addEventListener('close', () => (closedAtMs = clock.now() - startedAt))
    heartbeat.watch(quietYamux)().createStreamMuxer(near)
    other.watch(quietYamux)().createStreamMuxer(far)
    await body({ near, far, closedAtMs: () => closedAtMs }, (ms) => delay(clock, ms))
    heartbeat.stop()
    other.stop()
  })
}

describe('the heartbeat', () => {
  it('leaves a connection alone that answers, for hours', async () => {
    await watching(async ({ near, closedAtMs }, wait) => {
      await wait(4 * 3_600_000)
      assert.equal(closedAtMs(), null)
      assert.equal(near.status, 'open')
    })
  })

  it('ends a connection that went silent, after one interval and the time to answer', async () => {
    await watching(async ({ far, closedAtMs }, wait) => {
      await wait(60_000)
      // It hears nothing any more, and its end stays open: as behind a NAT that has forgotten the connection.
      far.pause()
      await wait(60_000)
      const at = closedAtMs()
      assert.ok(at !== null && at >= 65_000 && at <= 76_000, String(at))
    })
  })

  it('asks nothing any more once it is stopped', async () => {
    const time = new SimulatedTime({ random: () => 0.5 })
    await assert.rejects(
      time.run(async () => {
        const [near, far] = multiaddrConnectionPair()
        const heartbeat = createHeartbeat({ clock: time.clock, log: silentLog }, OPTIONS)
        heartbeat.watch(quietYamux)().createStreamMuxer(near)
        far.pause()
        heartbeat.stop()
        await new Promise(() => undefined)
      }),
      // Nothing at all is left to wait for: no timer of it either.
      { name: 'SimulationStalledError' },
    )
  })
})
