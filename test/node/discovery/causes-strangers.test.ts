import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createNode, type KadlabNode } from '#node/node.ts'
import { kadInternals } from '#node/patches/kad-internals.ts'
import { createPeer } from '#node/peer/peer.ts'
import { MemoryNetwork, type Place } from '#test/node/memory-network.ts'
import { eventually } from '#test/support/eventually.ts'
import { eventOf } from '#test/support/node-events.ts'

const A = { address: '11.0.0.1' }

async function startNode(
  network: MemoryNetwork,
  place: Place,
  env: Record<string, string>,
): Promise<KadlabNode> {
  const node = await createNode(parseConfig(env), {
    log: silentLog,
    transport: network.transport(place),
    observer: { settleMs: 100 },
  })
  await node.start()
  return node
}

describe('causes of places that are not given to strangers', () => {
  it('IP_GROUP_FULL where the table has as many peers of a network as it may', async () => {
    const network = new MemoryNetwork()
    await using a = await startNode(network, A, { MAX_LISTED_PER_NETWORK: '2' })
    const env = { BOOTSTRAP: `/ip4/11.0.0.1/tcp/3000/p2p/${a.peerId}` }
    await using b = await startNode(network, { address: '11.0.7.1' }, env)
    await eventOf(a, 'listed', ({ peer }) => peer === b.peerId)
    await using c = await startNode(network, { address: '11.0.7.2' }, env)
    await eventOf(a, 'listed', ({ peer }) => peer === c.peerId)
    await using d = await startNode(network, { address: '11.0.7.3' }, env)
    await eventually(async () => {
      const sightings = await a.api.discovery()
      const sighting = sightings.find(({ peerId }) => peerId === d.peerId)
      assert.equal(sighting?.cause, 'IP_GROUP_FULL', JSON.stringify(sighting))
      assert.equal(sighting.rung, 'addressable')
      assert.deepEqual(sighting.evidence?.group, { network: '11.0.7.0/24', limit: 2 })
      assert.match(sighting.remedy?.text ?? '', /MAX_LISTED_PER_NETWORK/)
    })
  })

  it('KADEMLIA_FAILED where a listed peer answers pings and no question', async () => {
    const network = new MemoryNetwork()
    await using a = await startNode(network, A, { KAD_REQUEST_TIMEOUT_MS: '200' })
    const BOOTSTRAP = `/ip4/11.0.0.1/tcp/3000/p2p/${a.peerId}`
    await using silent = await createPeer(parseConfig({ BOOTSTRAP }), {
      log: silentLog,
      transport: network.transport({ address: '11.0.7.1' }),
    })
    kadInternals(silent.dht).rpc.onIncomingStream = async () => {}
    await silent.start()
    const peerId = silent.peerId.toString()
    await eventOf(a, 'listed', ({ peer }) => peer === peerId)
    const leaving = eventOf(a, 'unlisted')
    let left = false
    void leaving.then(() => (left = true))
    await eventually(
      async () => {
        // It is asked once a second, beside others, while it owes an answer.
        await a.api.get('x').catch(() => {})
        assert.ok(left)
      },
      { timeoutMs: 20_000 },
    )
    assert.match((await leaving).why, /3 questions in a row unanswered/)
    const sighting = (await a.api.discovery()).find((each) => each.peerId === peerId)
    assert.equal(sighting?.cause, 'KADEMLIA_FAILED', JSON.stringify(sighting))
    assert.equal(sighting.connected, true)
    assert.equal(await a.api.get('x'), null, 'there is nobody left to ask')
  })
})
