import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { kadInternals } from '#node/patches/kad-internals.ts'
import { createPeer } from '#node/peer/peer.ts'
import { missingGo, startGo } from './go-kv.ts'

describe('go-libp2p on loopback', { timeout: 300_000 }, () => {
  const title = 'does not list a newcomer that answers no FIND_NODE, and that is said'
  it(title, { skip: missingGo ?? false }, async () => {
    await using go = await startGo()
    const env = { BOOTSTRAP: go.address, LISTEN: '/ip4/127.0.0.1/tcp/0', ADDRESS_SCOPE: 'any' }
    const config = parseConfig({ ...env, DIAL_PRIVATE: 'yes' })
    await using mute = await createPeer(config, { log: silentLog })
    kadInternals(mute.dht).rpc.onIncomingStream = async (stream) => {
      stream.abort(new Error('this peer answers nothing'))
    }
    await mute.start()
    const peerId = mute.peerId.toString()
    for await (const event of go.api.events()) {
      if (event.event !== 'sighting' || event.peer !== peerId) continue
      if (event.cause !== 'ADMISSION_PROBE_FAILED') continue
      assert.equal(event.rung, 'addressable')
      assert.match(event.evidence?.error ?? '', /reset/)
      break
    }
    const [seen] = (await go.api.discovery()).filter((each) => each.peerId === peerId)
    assert.deepEqual([seen?.listed, seen?.cause], [false, 'ADMISSION_PROBE_FAILED'])
  })
})
