import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Libp2p } from '@libp2p/interface'
import { coalesceWrites } from '#node/patches/coalesced-writes.ts'

type Written = { done: string[]; waiting: string[] }

/** A connection whose socket does as Node's: it holds back what is written while it is corked. */
function connection(): { written: Written; send: (text: string) => void; raw: object } {
  const written: Written = { done: [], waiting: [] }
  let corked = 0
  const socket = {
    destroyed: false,
    cork: () => void (corked += 1),
    uncork: () => {
      corked -= 1
      if (corked > 0) return
      if (written.waiting.length > 0) written.done.push(written.waiting.join('+'))
      written.waiting = []
    },
  }
  const raw = {
    socket,
    sendData(data: unknown) {
      if (corked > 0) written.waiting.push(String(data))
      else written.done.push(String(data))
      return { sentBytes: 1, canSendMore: true }
    },
  }
  return { written, send: (text) => void raw.sendData(text), raw }
}

const sendData = () => ({ sentBytes: 1, canSendMore: true })

describe('coalesced writes', () => {
  it('go out together at the end of the turn, in their order, on each connection', async () => {
    const upgraded: unknown[] = []
    const upgrade = async (each: unknown) => upgraded.push(each)
    const upgrader = { upgradeInbound: upgrade, upgradeOutbound: upgrade }
    coalesceWrites({ components: { upgrader } } as unknown as Libp2p)
    const [one, other] = [connection(), connection()]
    await upgrader.upgradeInbound(one.raw)
    await upgrader.upgradeOutbound(other.raw)
    assert.deepEqual(upgraded, [one.raw, other.raw])

    for (const text of ['a', 'b', 'c']) one.send(text)
    other.send('x')
    assert.deepEqual([one.written.done, other.written.done], [[], []])
    await setImmediate()
    assert.deepEqual([one.written.done, other.written.done], [['a+b+c'], ['x']])
    one.send('d')
    await setImmediate()
    assert.deepEqual(one.written.done, ['a+b+c', 'd'])
  })

  it('leaves a connection without a socket alone', async () => {
    const upgrader = { upgradeInbound: async () => {}, upgradeOutbound: async () => {} }
    coalesceWrites({ components: { upgrader } } as unknown as Libp2p)
    const raw = { sendData }
    await (upgrader.upgradeInbound as (each: object) => Promise<void>)(raw)
    assert.equal(raw.sendData, sendData)
  })
})
