import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createMetrics } from '#node/metrics/metrics.ts'
import { createNode } from '#node/node.ts'
import { addressOf } from '#test/node/loopback-node.ts'
import { HOSTILE } from '#test/support/hostile.ts'
import { eventOf } from '#test/support/node-events.ts'

const KAD = '/ipfs/kad/1.0.0'

// In a file of its own: libp2p's metrics belong to the first node of a process that asks for them.
describe('metrics', () => {
  it('hold no text of others, which Grafana would show', async () => {
    const metrics = createMetrics()
    await using a = await createNode(
      parseConfig({ LISTEN: '/ip4/127.0.0.1/tcp/0', ADDRESS_SCOPE: 'any' }),
      { log: silentLog, metrics, libp2pMetrics: true },
    )
    await a.start()
    const peer = await createLibp2p({
      addresses: { announce: [`/dns4/${encodeURIComponent(HOSTILE)}/tcp/1`] },
      nodeInfo: { userAgent: HOSTILE },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), ping: ping() },
    })
    try {
      await peer.handle([KAD, `/${HOSTILE}`], () => {})
      const connection = await peer.dial(multiaddr(await addressOf(a)))
      const identified = eventOf(a, 'identified')
      // Spoken to under a name of its own, and answered with nonsense.
      await assert.rejects(
        connection.newStream(`/${HOSTILE}`, { signal: AbortSignal.timeout(5000) }),
      )
      const event = await identified
      assert.match(JSON.stringify(event), /alert\(1\)/, 'it was heard')
      await a.api.get('x').catch(() => {})
      const page = await metrics.metrics()
      assert.match(page, /^kadlab_connections 1$/m)
      assert.match(page, /^libp2p_/m)
      // Legends and columns of the dashboards are made of labels, and of nothing else that others could fill.
      for (const [, value = ''] of page.matchAll(/[a-z_]+="((?:[^"\\]|\\.)*)"/g)) {
        assert.match(value, /^[\w ./:@+()-]*$/)
      }
      assert.doesNotMatch(page, /alert|onload|forged|img src/)
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      assert.doesNotMatch(page, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/)
    } finally {
      await peer.stop()
    }
  })
})
