import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import type { KadDHT } from '#node/patches/kad.ts'
import { refreshTable } from '#node/patches/refresh.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, lists, SOON_MS, startPeer } from '../peers.ts'

function bench(table: { size: number; deepest: number }, fails = false) {
  const clock = new ManualClock(0)
  const looked: [number, number][] = []
  const dht = {
    routingTable: table,
    routingTableRefresh: {
      _maxCommonPrefix: () => table.deepest,
      _refreshCommonPrefixLength: async (prefix: number) => {
        looked.push([clock.now(), prefix])
        if (fails) throw new Error('no answer')
      },
    },
  } as unknown as KadDHT
  const refresh = refreshTable({ dht, clock, log: silentLog }, { intervalMs: 1000 })
  return { clock, looked, refresh }
}

describe('refreshTable', () => {
  it('looks into every bucket at each interval, and not before', async () => {
    const { clock, looked, refresh } = bench({ size: 3, deepest: 2 })
    refresh.start()
    await clock.advance(2500)
    assert.deepEqual(looked, [
      [1000, 0],
      [1000, 1],
      [1000, 2],
      [2000, 0],
      [2000, 1],
      [2000, 2],
    ])
    await refresh.stop()
  })

  it('looks no deeper than keys can be made up for', async () => {
    const { clock, looked, refresh } = bench({ size: 3, deepest: 40 })
    refresh.start()
    await clock.advance(1500)
    assert.equal(looked.length, 16)
    await refresh.stop()
  })

  it('goes on after a failure, and leaves an empty table alone', async () => {
    const table = { size: 1, deepest: 0 }
    const { clock, looked, refresh } = bench(table, true)
    refresh.start()
    await clock.advance(2500)
    table.size = 0
    await clock.advance(5000)
    assert.equal(looked.length, 2)
    await refresh.stop()
    assert.equal(clock.pending(), 0)
  })

  it('runs in a peer', async () => {
    const network = new MemoryNetwork()
    const clock = new ManualClock()
    await using b = await startPeer(network, { address: '11.0.0.2' })
    const env = { BOOTSTRAP: addressOf({ address: '11.0.0.2' }), KAD_REFRESH_INTERVAL_MS: '600000' }
    await using a = await startPeer(network, { address: '11.0.0.1' }, env, { clock })
    await lists(a, b.peerId)
    const asked = Promise.withResolvers<void>()
    const deadline = AbortSignal.timeout(SOON_MS)
    deadline.addEventListener('abort', () => asked.reject(deadline.reason as Error))
    const { network: rpc } = a.dht as unknown as {
      network: { sendRequest: (...args: unknown[]) => AsyncGenerator }
    }
    const send = rpc.sendRequest.bind(rpc)
    // What the lookups after joining ask is over, or aborted, long before.
    await clock.advance(500_000)
    rpc.sendRequest = (...args) => {
      asked.resolve()
      return send(...args)
    }
    await clock.advance(100_000)
    await asked.promise
  })
})
