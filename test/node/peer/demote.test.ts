import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId } from '@libp2p/interface'
import { silentLog } from '#node/base/log.ts'
import type { KadDHT } from '#node/patches/kad.ts'
import { demoteSilentPeers } from '#node/peer/demote.ts'
import { newPeerId } from '#test/node/fake-libp2p.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** A routing table of names, and a peer that answers when it is told to. */
async function createTable() {
  const clock = new ManualClock()
  const peer = await newPeerId()
  const listed = new Set([peer.toString()])
  const told: string[] = []
  let isConnected = true
  let answers = false
  let asks = 0
  const routingTable = {
    add: async (added: PeerId) => void listed.add(added.toString()),
    remove: async (removed: PeerId) => void listed.delete(removed.toString()),
  }
  const dht = {
    routingTable,
    onPeerConnect: async ({ id }: { id: PeerId }) => routingTable.add(id),
  } as unknown as KadDHT
  const refused: string[] = []
  const demote = demoteSilentPeers({
    libp2p: {
      getConnections: () => (isConnected ? [{}] : []),
      peerStore: { getInfo: async (id: PeerId) => ({ id, multiaddrs: [] }) },
    } as unknown as Parameters<typeof demoteSilentPeers>[0]['libp2p'],
    dht,
    ask: async () => {
      asks += 1
      if (!answers) throw new Error('no answer')
      demote.asked(peer, { isSilent: false, durationMs: 1 })
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    onDemoted: (_peer, why) => told.push(why),
    onRefused: (id) => refused.push(id.toString()),
  })
  return {
    clock,
    peer,
    demote,
    told,
    refused,
    isListed: () => listed.has(peer.toString()),
    list: () => routingTable.add(peer),
    asks: () => asks,
    answersFromNow: () => (answers = true),
    disconnect: () => (isConnected = false),
    /** A question of 5 s that is not answered. */
    async silent() {
      await clock.advance(5000)
      demote.asked(peer, { isSilent: true, durationMs: 5000 })
      await clock.advance(0)
    },
  }
}

describe('peers that do not answer', () => {
  it('leave the table after three questions in a row, and are kept out', async () => {
    const table = await createTable()
    await table.silent()
    await table.silent()
    assert.equal(table.isListed(), true)
    await table.silent()
    assert.equal(table.isListed(), false)
    assert.deepEqual(table.told, ['it left 3 questions in a row unanswered'])
    await assert.rejects(table.list(), { name: 'UnansweringError' })
    assert.deepEqual(table.refused, [table.peer.toString()])
    await table.demote.stop()
  })

  it('stay where they answer in between, or were asked all three at once', async () => {
    const table = await createTable()
    await table.silent()
    await table.silent()
    table.demote.asked(table.peer, { isSilent: false, durationMs: 1 })
    await table.silent()
    await table.silent()
    assert.equal(table.isListed(), true)
    table.demote.asked(table.peer, { isSilent: false, durationMs: 1 })
    await table.clock.advance(5000)
    for (let count = 0; count < 5; count += 1)
      table.demote.asked(table.peer, { isSilent: true, durationMs: 5000 })
    assert.equal(table.isListed(), true)
    await table.demote.stop()
  })

  it('stay where they are not connected: whether they are gone is found out by dialling them', async () => {
    const table = await createTable()
    table.disconnect()
    for (let count = 0; count < 5; count += 1) await table.silent()
    assert.equal(table.isListed(), true)
    await table.demote.stop()
  })

  it('are asked again, and listed once they answer', async () => {
    const table = await createTable()
    for (let count = 0; count < 3; count += 1) await table.silent()
    await table.clock.advance(60_000)
    const before = table.asks()
    assert.ok(before >= 2 && before < 20, `${before} questions`)
    assert.equal(table.isListed(), false)
    table.answersFromNow()
    await table.clock.advance(300_000)
    assert.equal(table.isListed(), true)
    await table.list()
    await table.demote.stop()
  })

  it('are left alone once it is stopped', async () => {
    const table = await createTable()
    for (let count = 0; count < 3; count += 1) await table.silent()
    await table.demote.stop()
    const before = table.asks()
    await table.clock.advance(600_000)
    assert.equal(table.asks(), before)
    await table.list()
    assert.equal(table.isListed(), true)
  })
})
