import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examine } from '#node/doctor/examine.ts'
import { missingGo, startGo } from './go-kv.ts'

/** Addresses of transports that the doctor does not speak, as go-libp2p announces them. */
const OTHERS: Readonly<Record<string, string>> = {
  '/ip4/127.0.0.1/udp/4001/quic-v1': 'QUIC',
  '/ip4/127.0.0.1/udp/4001/quic-v1/webtransport': 'WebTransport',
  '/ip4/127.0.0.1/tcp/4002/ws': 'WebSocket',
}

describe('the doctor, at a go-libp2p peer that announces other transports too', () => {
  const title = 'says that it did not try them, and counts them as neither dead nor alive'
  it(title, { skip: missingGo ?? false, timeout: 300_000 }, async () => {
    await using go = await startGo({ APPEND_ANNOUNCE: Object.keys(OTHERS).join(',') })
    const { announced, checks, healthy } = await examine(go.address, {
      protocol: '/ipfs/kad/1.0.0',
      scope: 'any',
      dialPrivate: true,
      timeoutMs: 20_000,
    })
    const untried = (announced ?? []).filter(({ otherTransport }) => otherTransport !== null)
    const found = untried.map(({ address, otherTransport }) => [address, otherTransport])
    assert.deepEqual(Object.fromEntries(found), OTHERS)
    assert.ok(untried.every(({ state, dial }) => state === 'unverified' && dial === null))
    const detail = checks.find(({ name }) => name === 'dial-back')?.detail ?? ''
    for (const transport of Object.values(OTHERS))
      assert.match(detail, new RegExp(`1 ${transport}`))
    assert.match(detail, /3 not tried/)
    assert.equal(healthy, true, detail)
  })
})
