import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge } from '#node/judgement/judge.ts'
import type { Observation } from '#node/judgement/observation.ts'
import { FIELD_REPORT, IDENTIFIED, LISTED, UNKNOWN, failed, identifying } from './observations.ts'

function withAgent(observation: Observation, agent: string | null): Observation {
  const { identify } = observation
  return identify.state === 'done'
    ? { ...observation, identify: { ...identify, agent } }
    : observation
}

describe('remedy', () => {
  it('names the address at which the observer sees the target, ready to paste', () => {
    const { cause, evidence, remedy } = judge(FIELD_REPORT)
    assert.equal(cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.deepEqual(evidence, {
      agent: 'kadlab/0.1.0',
      remoteAddress: '/ip4/11.0.0.12/tcp/43210',
      announced: ['/ip4/10.2.0.10/tcp/3000'],
      scope: 'public',
      kept: [],
    })
    assert.deepEqual(remedy, {
      on: 'target',
      set: 'PUBLIC_IP=11.0.0.12',
      text: 'Set PUBLIC_IP=11.0.0.12 on the target: it announces only private addresses, and the observer sees it at 11.0.0.12. TCP 3000 must be let in.',
    })
  })

  it("takes the port on which the target listens, never that of its NAT's mapping", () => {
    const { remedy } = judge(withAgent(FIELD_REPORT, 'rust-libp2p/0.57.1'))
    assert.match(
      remedy?.text ?? '',
      /swarm\.add_external_address\("\/ip4\/11\.0\.0\.12\/tcp\/3000"/,
    )
    assert.equal(remedy?.set, undefined)
  })

  it('believes an inbound connection before an outbound one, which shows only what was dialled', () => {
    const outbound = {
      direction: 'outbound',
      remoteAddress: '/ip4/11.0.0.99/tcp/3000',
      limited: false,
    } as const
    const { remedy } = judge({
      ...FIELD_REPORT,
      connections: [outbound, ...FIELD_REPORT.connections],
    })
    assert.equal(remedy?.set, 'PUBLIC_IP=11.0.0.12')
  })

  it('speaks the words of the target where its implementation is known', () => {
    const words = [
      ['github.com/libp2p/go-libp2p@v0.51.0', /libp2p\.AddrsFactory/],
      [
        'js-libp2p/3.3.11 node/24.21.0',
        /addresses: \{ announce: \['\/ip4\/11\.0\.0\.12\/tcp\/3000'\]/,
      ],
      ['kubo/0.43.1', /Addresses\.AppendAnnounce '\["\/ip4\/11\.0\.0\.12\/tcp\/3000"\]'/],
      ['py-libp2p/0.8.1', /announce_addrs/],
      ['somebody/1.0', /^Let the target announce \/ip4\/11\.0\.0\.12\/tcp\/3000 in identify/],
      [null, /^Let the target announce \/ip4\/11\.0\.0\.12\/tcp\/3000 in identify/],
    ] as const
    for (const [agent, expected] of words) {
      assert.match(judge(withAgent(FIELD_REPORT, agent)).remedy?.text ?? '', expected)
    }
  })

  it('tells of a port of UDP or of a web server for what it is', () => {
    const quic = '/ip4/11.0.0.12/udp/4001/quic-v1'
    const dead = judge({ ...UNKNOWN, dials: [failed('timed-out', quic)] })
    assert.match(dead.remedy?.text ?? '', /^Open or forward UDP 4001 /)
    const dial = { ...failed('wrong-peer-id', quic), answeredBy: 'Z' }
    const { remedy } = judge({ ...UNKNOWN, dials: [dial] })
    assert.deepEqual(remedy, {
      on: 'observer',
      text: `Dial ${quic}/p2p/Z: that is who answers there.`,
    })
    const connections = [{ direction: 'outbound', remoteAddress: quic, limited: false } as const]
    const announced = ['/ip4/10.2.0.10/udp/4001/quic-v1', '/ip4/10.2.0.10/tcp/8080/ws']
    const agent = 'github.com/libp2p/go-libp2p@v0.51.0'
    const identified = identifying(
      { agent, announced, announcedKept: [] },
      { stored: announced, kept: [] },
    )
    const seen = judge({ ...identified, connections })
    assert.match(seen.remedy?.text ?? '', /"\/ip4\/11\.0\.0\.12\/udp\/4001\/quic-v1"/)
  })

  it('widens the scope where both sides meet in a private network', () => {
    const connections = [
      { direction: 'inbound', remoteAddress: '/ip4/10.2.0.10/tcp/43210', limited: false },
    ] as const
    const { remedy } = judge({ ...FIELD_REPORT, connections: [...connections] })
    assert.partialDeepStrictEqual(remedy, { on: 'observer', set: 'ADDRESS_SCOPE=any' })
    assert.match(
      remedy?.text ?? '',
      /on every kadlab node .* \(the doctor: --scope any --dial-priv/,
    )
  })

  it('says over loopback that the public address cannot be seen from there', () => {
    const connections = [
      { direction: 'outbound', remoteAddress: '/ip4/127.0.0.1/tcp/3000', limited: false },
    ] as const
    const { remedy } = judge({ ...FIELD_REPORT, connections: [...connections] })
    assert.equal(remedy?.on, 'target')
    assert.match(remedy?.text ?? '', /PUBLIC_IP or ANNOUNCE.*another machine/)
  })

  it('asks for the public address where a dead private one is listed', () => {
    const address = '/ip4/10.2.0.10/tcp/3000'
    const listed: Observation = {
      ...LISTED,
      observer: { ...LISTED.observer, scope: 'any' },
      identify: { ...IDENTIFIED, announced: [address], announcedKept: [address] },
      stored: [address],
      kept: [address],
      dialBack: [failed('timed-out', address)],
    }
    const { cause, remedy } = judge(listed)
    assert.equal(cause, 'ADDRESS_TIMED_OUT')
    assert.equal(remedy?.set, 'PUBLIC_IP=11.0.0.12')
  })

  it('opens the port where the right address is listed and does not answer', () => {
    const { remedy } = judge({ ...LISTED, dialBack: [failed('timed-out')] })
    assert.equal(remedy?.on, 'network')
    assert.match(remedy?.text ?? '', /TCP 3000/)
  })

  it('fixes the clock where old addresses stay', () => {
    const stale = { ...IDENTIFIED, staleRecord: true }
    const { remedy } = judge({ ...LISTED, identify: stale, dialBack: [failed('refused')] })
    assert.match(remedy?.text ?? '', /clock/)
  })

  it('tells a peer of an unknown implementation nothing of variables that it does not have', () => {
    for (const observation of [
      FIELD_REPORT,
      { ...FIELD_REPORT, connections: [] },
      identifying({ protocols: [] }),
      identifying({ protocols: ['/other/kad/1.0.0'] }),
    ]) {
      const { remedy } = judge(withAgent(observation, 'somebody/1.0'))
      assert.doesNotMatch(`${remedy?.set} ${remedy?.text}`, /PUBLIC_IP|ANNOUNCE|KAD_/)
    }
  })

  it('asks for the port through which the observer came in, where the target listens on another', () => {
    const connections = [
      { direction: 'outbound', remoteAddress: '/ip4/11.0.0.12/tcp/4001', limited: false },
    ] as const
    const { remedy } = judge({ ...FIELD_REPORT, connections: [...connections] })
    assert.equal(remedy?.set, 'ANNOUNCE=/ip4/11.0.0.12/tcp/4001')
    assert.doesNotMatch(remedy?.text ?? '', /must be let in/)
  })

  it('takes a peer that serves Kademlia in private networks alone for a client', () => {
    const kubo = identifying({ agent: 'kubo/0.43.1', protocols: ['/ipfs/lan/kad/1.0.0'] })
    const { cause, remedy } = judge(kubo)
    assert.equal(cause, 'CLIENT_MODE')
    assert.equal(remedy?.set, 'ipfs config Routing.Type dhtserver')
  })

  it('names the Kademlia protocol that the target does offer', () => {
    const { cause, remedy } = judge(identifying({ protocols: ['/other/kad/1.0.0'] }))
    assert.equal(cause, 'PROTOCOL_MISMATCH')
    assert.match(remedy?.text ?? '', /the target \/other\/kad\/1\.0\.0\.$/)
  })

  it('has one that was connected started again where its port is closed now', () => {
    const stopped = { ...LISTED, connections: [], closed: { error: null } }
    const { remedy } = judge({ ...stopped, dials: [failed('refused')] })
    assert.match(remedy?.text ?? '', /^Start the target again/)
  })

  it('sends nobody to evidence which the sentence can hold', () => {
    for (const [observation, why] of [
      [{ ...UNKNOWN, closed: { error: 'the stream was reset' } }, /\(the stream was reset\)/],
      [
        {
          ...LISTED,
          table: { ...LISTED.table, listed: false, update: 'ended', removed: 'it did not answer' },
        },
        /\(it did not answer\)/,
      ],
    ] as const) {
      const text = judge(observation).remedy?.text ?? ''
      assert.match(text, why)
      assert.doesNotMatch(text, /evidence/)
    }
  })

  it('says what failed in the sentence itself, for not everybody prints the evidence', () => {
    for (const observation of [
      { ...LISTED, dialBack: [failed('other')] },
      { ...UNKNOWN, dials: [failed('other')] },
    ]) {
      assert.match(judge(observation).remedy?.text ?? '', /failed: other/)
    }
  })

  it('sets the protocol of the observer, not that of the target', () => {
    const { remedy } = judge(identifying({ protocols: ['/other/kad/1.0.0'] }))
    assert.equal(remedy?.set, 'KAD_PROTOCOL=/ipfs/kad/1.0.0')
  })
})
