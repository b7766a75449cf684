import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import type { Protocol } from '#orchestrator/net/nat.ts'
import type { Endpoint, ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { presetPlan } from '#test/orchestrator/proof/preset-plan.ts'
import { eventually } from '#test/support/eventually.ts'
import { useNetnsLab } from './netns-lab.ts'

const plan = presetPlan({
  cloud: { preset: 'one-to-one' },
  full: { preset: 'full-cone', timeouts: { udpMs: 2000 } },
  port: { preset: 'port-restricted' },
  random: { preset: 'full-cone', ports: 'random' },
  quiet: { preset: 'address-restricted', ports: 'random', timeouts: { udpMs: 2000 } },
})
const WAN = { full: '11.66.0.2', port: '11.66.0.3', random: '11.66.0.4', quiet: '11.66.0.5' }
const OUTSIDE: AgentPlace = {
  name: 'outside',
  network: 'internet',
  address: '11.66.0.50',
  gateway: null,
}
const TO = { address: OUTSIDE.address, port: 20_001 }
const PATIENCE_MS = 3000
const ABSENCE_MS = 300

/** The `number`th host of a site; sites are numbered from 1. */
function host(site: keyof typeof WAN | 'cloud', number: number): AgentPlace {
  const prefix = `10.66.${['cloud', 'full', 'port', 'random', 'quiet'].indexOf(site) + 1}`
  return {
    name: `${site}-${number}`,
    network: site,
    address: `${prefix}.${9 + number}`,
    gateway: `${prefix}.1`,
  }
}

function open(
  agent: ProbeAgent,
  protocol: Protocol,
  localPort: number,
  to = [TO],
): Promise<(Endpoint | null)[]> {
  return agent.open({ protocol, localPort, to, listen: true, timeoutMs: PATIENCE_MS })
}

describe('packets through nft rulesets in the kernel', () => {
  const lab = useNetnsLab(plan)
  const used = new Set<ProbeAgent>()
  const node = (name: string, program: string): Promise<string> =>
    lab().exec(name, ['timeout', '12', process.execPath, '-e', program])
  const start = async (place: AgentPlace): Promise<ProbeAgent> => {
    const agent = await lab().startAgent(place)
    used.add(agent)
    return agent
  }
  afterEach(async () => {
    for (const agent of used) await agent.reset()
    used.clear()
    for (const router of plan.routers) await lab().flush(router.name)
  })

  for (const protocol of ['tcp', 'udp'] as const) {
    it(`gives ${protocol} ports to the first who has them and others to the next, for good`, async () => {
      const outside = await start(OUTSIDE)
      await outside.reflect([20_001, 20_002])
      const [first, second] = [await start(host('port', 1)), await start(host('port', 2))]
      const both = [TO, { ...TO, port: 20_002 }]
      assert.deepEqual(await open(first, protocol, 4000, both), [
        { address: WAN.port, port: 4000 },
        { address: WAN.port, port: 4000 },
      ])
      const [one, other] = await open(second, protocol, 4000, both)
      assert.equal(one?.address, WAN.port)
      assert.notEqual(one.port, 4000)
      assert.deepEqual(other, one)
    })

    it(`leads a stranger's ${protocol} hello to the right one of two hosts with one port`, async () => {
      const outside = await start(OUTSIDE)
      await outside.reflect([20_001])
      const stranger = await start({ ...OUTSIDE, name: 'stranger', address: '11.66.0.51' })
      const hosts = [await start(host('full', 1)), await start(host('full', 2))]
      for (const agent of hosts) {
        const [outer] = await open(agent, protocol, 4000)
        assert.ok(outer)
        await agent.reset()
        const knock = { protocol, fromPort: null, to: outer, timeoutMs: ABSENCE_MS }
        assert.equal(await stranger.knock(knock), null, 'somebody else answered')
        await open(agent, protocol, 4000)
        assert.ok(await stranger.knock({ ...knock, timeoutMs: PATIENCE_MS }))
      }
    })

    it(`keeps a ${protocol} port that was knocked at too early`, async () => {
      const outside = await start(OUTSIDE)
      await outside.reflect([20_001])
      const to = { address: WAN.port, port: 4000 }
      // From the very port that is spoken to later, where a port can be shared with a listener.
      const fromPort = protocol === 'udp' ? TO.port : null
      const early = { protocol, fromPort, to, timeoutMs: ABSENCE_MS }
      assert.equal(await outside.knock(early), null)
      const [seen] = await open(await start(host('port', 1)), protocol, 4000)
      assert.deepEqual(seen, to)
    })

    it(`lets nobody in who routes ${protocol} straight to an inside address`, async () => {
      await start(OUTSIDE)
      const inside = host('full', 1)
      for (const [site, place] of [
        ['full', inside],
        ['cloud', host('cloud', 1)],
      ] as const) {
        const router = plan.routers.find((router) => router.site === site)
        const agent = await start(place)
        await agent.reflect([3000])
        await lab().exec('outside', [
          'ip',
          'route',
          'replace',
          `${place.address}/32`,
          'via',
          router?.wan.address ?? '',
        ])
        const outside = await start(OUTSIDE)
        const to = { address: place.address, port: 3000 }
        const knock = { protocol, fromPort: null, to, timeoutMs: ABSENCE_MS }
        assert.equal(await outside.knock(knock), null)
        await lab().exec('outside', ['ip', 'route', 'del', `${place.address}/32`])
      }
    })

    it(`forgets ${protocol} mappings when it is told to`, async () => {
      const outside = await start(OUTSIDE)
      await outside.reflect([20_001])
      const inside = await start(host('random', 1))
      const [before] = await open(inside, protocol, 4000)
      assert.ok(before)
      await lab().flush('random-router')
      const knock = { protocol, fromPort: null, to: before, timeoutMs: ABSENCE_MS }
      assert.equal(await outside.knock(knock), null)
      await inside.reset()
      const [after] = await open(inside, protocol, 4000)
      assert.notDeepEqual(after, before)
    })
  }

  it('does not answer a TCP connection that it does not let in', async () => {
    await start(OUTSIDE)
    const dial = `
      const socket = require('node:net').connect(3001, process.argv[1])
      socket.on('connect', () => { console.log('connected'); process.exit() })
      socket.on('error', (error) => { console.log(error.code); process.exit() })
      setTimeout(() => { console.log('silence'); process.exit() }, ${ABSENCE_MS})`
    for (const router of plan.routers) {
      const address = router.wan.furtherAddresses[0] ?? router.wan.address
      const seen = await lab().exec('outside', [process.execPath, '-e', dial, address])
      assert.equal(seen.trim(), 'silence', router.name)
    }
  })

  it('ends an idle UDP mapping at its time', async () => {
    const outside = await start(OUTSIDE)
    await outside.reflect([20_001])
    const inside = await start(host('full', 1))
    const [outer] = await open(inside, 'udp', 4000)
    assert.ok(outer)
    const knock = { protocol: 'udp', fromPort: 20_001, to: outer } as const
    assert.ok(await outside.knock({ ...knock, timeoutMs: PATIENCE_MS }))
    // Silence only: a knock that is let in is answered, and an answer keeps the mapping.
    const listing = ['nft', 'list', 'map', 'ip', 'kadlab', 'inside_udp']
    // `nft monitor` does not tell of an element whose time is over.
    await eventually(
      async () => assert.doesNotMatch(await lab().exec('full-router', listing), /10\.66\.2\.10/),
      { timeoutMs: 20_000 },
    )
    assert.equal(await outside.knock({ ...knock, timeoutMs: ABSENCE_MS }), null)
  })

  it('keeps the outside port of a UDP socket to which others speak, though it says nothing itself', async () => {
    await start(OUTSIDE)
    await start(host('quiet', 1))
    // Twice the time of a mapping, and no moment without one of these; then another port of the same host, which an
    // address-dependent filter lets in as long as the host counts as spoken to.
    const speak = `
      const [first, second, third] = [1, 2, 3].map(() => require('node:dgram').createSocket('udp4'))
      let seen
      first.on('message', (text, from) => {
        if (seen !== undefined) return
        seen = from.port
        for (let at = 1; at <= 8; at += 1)
          setTimeout(() => first.send('still here', from.port, from.address), at * 500)
        setTimeout(() => third.send('knock', from.port, from.address), 4200)
      })
      second.on('message', (text, from) => {
        console.log(JSON.stringify([seen, from.port]))
        process.exit()
      })
      first.bind(20001, '${OUTSIDE.address}')
      second.bind(20002, '${OUTSIDE.address}')
      third.bind(20003, '${OUTSIDE.address}')`
    const listen = `
      const socket = require('node:dgram').createSocket('udp4')
      const end = (heard) => { console.log(heard); process.exit() }
      socket.on('message', (text) => {
        clearInterval(greeting)
        if (String(text) === 'knock')
          socket.send('and now', 20002, '${OUTSIDE.address}', () => end('knock'))
      })
      socket.bind(4000)
      // Until the other one listens.
      const greeting = setInterval(() => socket.send('hello', 20001, '${OUTSIDE.address}'), 100)
      setTimeout(() => socket.send('late', 20002, '${OUTSIDE.address}', () => end('silence')), 8000)`
    const [ports, heard] = await Promise.all([node('outside', speak), node('quiet-1', listen)])
    assert.equal(heard.trim(), 'knock')
    const [before, after] = JSON.parse(ports) as [number, number]
    assert.equal(after, before)
  })
})
