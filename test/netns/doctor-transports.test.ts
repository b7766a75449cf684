import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examine, type ExamineOptions } from '#node/doctor/examine.ts'
import { otherTransportOf } from '#node/judgement/multiaddr-facts.ts'
import { missingGo, startGo } from './go-kv.ts'

const OPTIONS: ExamineOptions = {
  protocol: '/ipfs/kad/1.0.0',
  scope: 'any',
  dialPrivate: true,
  timeoutMs: 20_000,
}

/** An address of a transport that no doctor speaks, as go-libp2p announces it. */
const WEB_TRANSPORT = '/ip4/127.0.0.1/udp/1/quic-v1/webtransport'

const options = { skip: missingGo ?? false, timeout: 300_000 }

describe('the doctor, at a go-libp2p peer that listens on QUIC and WebSocket too', () => {
  const env = {
    LISTEN: '/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws,/ip4/127.0.0.1/udp/0/quic-v1',
    APPEND_ANNOUNCE: WEB_TRANSPORT,
  }

  it('tries them where their packages are installed', options, async () => {
    await using go = await startGo(env)
    const found = await examine(go.address, OPTIONS)
    const { announced, checks, healthy } = found
    // What go-libp2p sends by itself, the path of the module, tells whom one meets.
    assert.match(found.agent ?? '', /^go-kv@/)
    assert.equal(found.implementation, 'go')
    const states = (announced ?? []).map(({ address, state }) => [otherTransportOf(address), state])
    assert.deepEqual(Object.fromEntries(states), {
      null: 'confirmed',
      QUIC: 'confirmed',
      WebSocket: 'confirmed',
      WebTransport: 'unverified',
    })
    const detail = checks.find(({ name }) => name === 'dial-back')?.detail
    assert.equal(detail, '3 of 3 announced addresses lead to it; 1 not tried (1 WebTransport)')
    assert.equal(healthy, true)
  })

  it('examines it there', options, async () => {
    await using go = await startGo(env)
    const { announced } = await examine(go.address, OPTIONS)
    for (const transport of ['QUIC', 'WebSocket']) {
      const there = announced?.find((each) => otherTransportOf(each.address) === transport)
      const found = await examine(`${there?.address}/p2p/${go.id}`, OPTIONS)
      assert.equal(found.healthy, true, JSON.stringify(found.checks))
    }
  })

  it('says who answers there in the place of another', options, async () => {
    await using go = await startGo(env)
    await using other = await startGo()
    const { announced } = await examine(go.address, OPTIONS)
    for (const transport of ['QUIC', 'WebSocket']) {
      const there = announced?.find((each) => otherTransportOf(each.address) === transport)
      const { sighting } = await examine(`${there?.address}/p2p/${other.id}`, OPTIONS)
      assert.equal(sighting.cause, 'WRONG_PEER_ID', transport)
      assert.match(sighting.remedy?.text ?? '', new RegExp(go.id))
    }
  })

  it('says that they are dead where nobody listens any more', options, async () => {
    const gone = ['/ip4/127.0.0.1/udp/1/quic-v1', '/ip4/127.0.0.1/tcp/1/ws']
    await using go = await startGo({ APPEND_ANNOUNCE: gone.join(',') })
    const { announced, healthy } = await examine(go.address, { ...OPTIONS, timeoutMs: 4000 })
    const kinds = gone.map((one) => announced?.find(({ address }) => address === one)?.dial?.kind)
    assert.deepEqual(kinds, ['timed-out', 'refused'])
    assert.equal(healthy, true)
  })

  it(
    'says of who is reached by QUIC alone that nodes over TCP do not reach it',
    options,
    async () => {
      await using go = await startGo({ LISTEN: '/ip4/127.0.0.1/udp/0/quic-v1' })
      const { checks, healthy } = await examine(go.address, OPTIONS)
      assert.equal(healthy, true)
      const detail = checks.find(({ name }) => name === 'dial-back')?.detail ?? ''
      assert.match(detail, /^1 of 1 announced address leads to it; none of them over plain TCP/)
    },
  )

  const title = 'says that it did not try them without, and counts them as neither dead nor alive'
  it(title, options, async () => {
    await using go = await startGo(env)
    const { announced, checks, healthy } = await examine(go.address, OPTIONS, { others: [] })
    const untried = (announced ?? []).filter(({ otherTransport }) => otherTransport !== null)
    const found = new Set(untried.map(({ otherTransport }) => otherTransport))
    assert.deepEqual(found, new Set(['QUIC', 'WebSocket', 'WebTransport']))
    assert.ok(untried.every(({ state, dial }) => state === 'unverified' && dial === null))
    const detail = checks.find(({ name }) => name === 'dial-back')?.detail ?? ''
    assert.match(detail, /^1 of 1 announced address leads to it; 3 not tried/)
    assert.equal(healthy, true, detail)
  })
})
