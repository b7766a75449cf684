import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createStockNode, type StockNode } from '#node/stock/stock-node.ts'
import { SOON_MS } from '#test/node/peers.ts'

const LOG = createLog({ level: 'silent', format: 'json' })

async function started(env: Record<string, string> = {}): Promise<StockNode> {
  const config = parseConfig({
    LISTEN: '/ip4/127.0.0.1/tcp/0',
    ADDRESS_SCOPE: 'any',
    KAD_MODE: 'server',
    ...env,
  })
  const node = await createStockNode(config, { log: LOG })
  await node.start()
  return node
}

/** Resolves once a node has told of an event. */
async function told(node: StockNode, event: string): Promise<void> {
  const signal = AbortSignal.timeout(SOON_MS)
  for await (const each of node.api.events({ since: 0, signal })) if (each.event === event) return
  assert.fail(`it told of no ${event}`)
}

describe('a stock node', () => {
  it('joins, tells of it, lists, keeps values and providers as kad-dht does', async () => {
    await using a = await started()
    const { listening, agent } = await a.api.status()
    assert.match(agent, /^js-libp2p\/\d/)
    await using b = await started({ BOOTSTRAP: `${listening[0]}/p2p/${a.peerId}` })
    await Promise.all([told(b, 'ready'), told(a, 'listed')])
    const { joined, listed, ready, mode } = await b.api.status()
    assert.deepEqual(
      { joined, listed, ready, mode },
      { joined: true, listed: 1, ready: true, mode: 'server' },
    )
    const value = Buffer.from('as it is')
    assert.deepEqual(await b.api.put('key', value), {
      copies: 1,
      holders: [a.peerId],
      version: null,
    })
    await assert.rejects(b.api.put('key', value, { replicas: 2 }), { name: 'StoreError' })
    assert.deepEqual(Buffer.from((await a.api.get('key'))?.value ?? []), value)
    assert.equal(await a.api.get('another'), null)
    assert.equal((await b.api.provide('thing')).told, 1)
    assert.deepEqual(await a.api.providers('thing'), [b.peerId])
    const [sighting] = await a.api.discovery({ dialBack: true })
    assert.deepEqual([sighting?.peerId, sighting?.rung], [b.peerId, 'dialable'])
  })

  it('says no to what kad-dht does not do', async () => {
    await using alone = await started()
    await assert.rejects(alone.api.delete('key'), { name: 'NotImplementedError' })
    await assert.rejects(alone.api.list(), { name: 'NotImplementedError' })
    assert.throws(() => alone.api.watch('key'), { name: 'NotImplementedError' })
  })

  it('stops twice, and after a start that failed', async () => {
    const node = await started()
    await Promise.all([node.stop(), node.stop()])
    await using other = await started()
    const [taken = ''] = (await other.api.status()).listening
    const config = parseConfig({ LISTEN: taken, ADDRESS_SCOPE: 'any' })
    const late = await createStockNode(config, { log: LOG })
    await assert.rejects(late.start())
    await late.stop()
  })
})
