import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { sharePendingPlaces } from '#node/patches/pending-places.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

interface Dialled {
  remoteAddr: ReturnType<typeof multiaddr>
  socket: { bytesRead: number }
  ended: string | null
  abort(error: Error): void
}

/** A host whose handshakes last until they are told to end. */
function createHost(places: number) {
  const clock = new ManualClock()
  const ends = new Map<Dialled, () => void>()
  const connectionManager = { acceptIncomingConnection: () => true }
  const upgrader = {
    async upgradeInbound(connection: Dialled): Promise<void> {
      const accept = connectionManager.acceptIncomingConnection as (each: Dialled) => boolean
      if (!accept(connection)) throw new Error('refused')
      await new Promise<void>((resolve) => ends.set(connection, resolve))
    },
  }
  const libp2p = { components: { connectionManager, upgrader } } as unknown as Libp2p
  const refused: string[] = []
  sharePendingPlaces({ libp2p, clock }, { places, onRefused: (what) => refused.push(what) })
  return {
    clock,
    refused,
    end: (connection: Dialled) => ends.get(connection)?.(),
    /** Null while the handshake goes on; else why it ended. */
    dial: async (host: string, bytesRead = 1) => {
      const connection: Dialled = {
        remoteAddr: multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/4001`),
        socket: { bytesRead },
        ended: null,
        abort(error) {
          connection.ended = error.message
          ends.get(connection)?.()
        },
      }
      const outcome = upgrader.upgradeInbound(connection).then(
        () => 'done',
        (error: Error) => error.message,
      )
      const now = await Promise.race([outcome, Promise.resolve(null)])
      return { connection, outcome, isRefused: now !== null || !ends.has(connection) }
    },
  }
}

describe('places for handshakes', () => {
  it('are left to others, however many one address holds', async () => {
    const { dial, refused } = createHost(8)
    const greedy = []
    for (let count = 0; count < 6; count += 1) greedy.push((await dial('11.0.0.1')).isRefused)
    assert.deepEqual(greedy, [false, false, false, false, true, true])
    assert.deepEqual(refused, ['connection', 'connection'])
    assert.equal((await dial('11.0.0.2')).isRefused, false, 'another address')
  })

  it('are left to other networks, however many addresses one network has', async () => {
    for (const [inside, outside] of [
      [(count: number) => `11.0.0.${count}`, '11.0.1.1'],
      [(count: number) => `2a00:1::${count}`, '2a00:1:0:1::1'],
    ] as const) {
      const { dial } = createHost(8)
      const refused = []
      for (let count = 1; count <= 8; count += 1)
        refused.push((await dial(inside(count))).isRefused)
      assert.deepEqual(refused.indexOf(true), 6, inside(1))
      assert.equal((await dial(outside)).isRefused, false, outside)
    }
  })

  it('are free again once a handshake has ended', async () => {
    const { dial, end } = createHost(2)
    const first = await dial('11.0.0.1')
    assert.equal((await dial('11.0.0.1')).isRefused, true)
    end(first.connection)
    assert.equal(await first.outcome, 'done')
    assert.equal((await dial('11.0.0.1')).isRefused, false)
  })

  it('are taken from who says nothing, and from nobody else', async () => {
    const { dial, clock, refused } = createHost(8)
    const silent = await dial('11.0.0.1', 0)
    const slow = await dial('11.0.0.1', 1)
    await clock.advance(3000)
    assert.equal(silent.connection.ended, 'nothing was said for 3000 ms')
    assert.equal(slow.connection.ended, null)
    assert.deepEqual(refused, ['silent-connection'])
  })
})
