import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type CountedAgent,
  type CountedRouter,
  findLoss,
} from '#orchestrator/fabric/docker/packet-path.ts'
import { parseRouterCounts, type RouterCounts } from '#orchestrator/fabric/docker/router-counts.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { twoClouds } from '#test/docker/plans.ts'

const INSIDE = '10.9.1.10'
const WAN = '11.9.0.11'
const TARGET = '11.9.0.200'
const plan = twoClouds(9).routers[0] as RouterPlan

const EMPTY: RouterCounts = {
  fromInside: new Map(),
  toOutside: new Map(),
  fromOutside: new Map(),
  toInside: new Map(),
}
/** A connection's packets at each place of the router, in the order of the way. */
const STAGES: [keyof RouterCounts, string][] = [
  ['fromInside', `tcp ${INSIDE} ${TARGET}`],
  ['toOutside', `tcp ${WAN} ${TARGET}`],
  ['fromOutside', `tcp ${TARGET} ${WAN}`],
  ['toInside', `tcp ${TARGET} ${INSIDE}`],
]

/** What a router counted of a connection that came as far as `stages`, on top of `base`. */
function router(stages: number, base: RouterCounts = EMPTY): CountedRouter {
  const after = { ...base }
  for (const [place, key] of STAGES.slice(0, stages)) {
    after[place] = new Map([...base[place], [key, (base[place].get(key) ?? 0) + 3]])
  }
  return { plan, before: base, after }
}

function agent(name: string, received: number, sent: number): CountedAgent {
  const zero = { received: 0, sent: 0 }
  const outside = name === 'far'
  return {
    name,
    network: outside ? 'internet' : 'east',
    address: outside ? TARGET : INSIDE,
    before: { tcp: zero, udp: zero },
    // Of the other protocol everything arrives: it must not count.
    after: { tcp: { received, sent }, udp: { received: 9, sent: 9 } },
  }
}

function lossAt(stages: number, near: CountedAgent, far: CountedAgent, base?: RouterCounts) {
  return findLoss('tcp', near, TARGET, { agents: [near, far], routers: [router(stages, base)] })
}

describe('packets that got lost', () => {
  it('are lost on the network whose sender counted them and whose receiver did not', () => {
    assert.deepEqual(lossAt(0, agent('near', 0, 3), agent('far', 0, 0)), {
      network: 'east',
      sender: 'near',
      receiver: 'east-router',
      count: null,
    })
    assert.deepEqual(lossAt(2, agent('near', 0, 3), agent('far', 0, 0)), {
      network: 'internet',
      sender: 'east-router',
      receiver: 'far',
      count: 3,
    })
  })

  it('are lost on the way back where the answers are', () => {
    assert.deepEqual(lossAt(2, agent('near', 0, 3), agent('far', 3, 3)), {
      network: 'internet',
      sender: 'far',
      receiver: 'east-router',
      count: null,
    })
    assert.deepEqual(lossAt(4, agent('near', 0, 3), agent('far', 3, 3)), {
      network: 'east',
      sender: 'east-router',
      receiver: 'near',
      count: 3,
    })
  })

  it('are not the host’s doing where a machine took them and sent nothing on', () => {
    assert.equal(lossAt(1, agent('near', 0, 3), agent('far', 0, 0)), null)
    assert.equal(lossAt(2, agent('near', 0, 3), agent('far', 3, 0)), null)
    assert.equal(lossAt(3, agent('near', 0, 3), agent('far', 3, 3)), null)
  })

  it('are none where everything arrived', () => {
    assert.equal(lossAt(4, agent('near', 3, 3), agent('far', 3, 3)), null)
  })

  it('are counted from the moment before: what passed earlier proves nothing', () => {
    const { after: base } = router(4)
    assert.deepEqual(lossAt(0, agent('near', 0, 3), agent('far', 0, 0), base)?.network, 'east')
    assert.deepEqual(lossAt(2, agent('near', 0, 3), agent('far', 0, 0), base)?.network, 'internet')
  })

  it('cannot be traced to an address at which nobody counts', () => {
    const near = agent('near', 0, 3)
    const lab = { agents: [near], routers: [router(2)] }
    assert.equal(findLoss('tcp', near, TARGET, lab), null)
  })
})

describe('the counts of a router', () => {
  it('are read with names of protocols, and with numbers where the image has no names', () => {
    const text = [
      'table ip kadlab_seen {',
      '\tset from_inside {',
      '\t\ttype ipv4_addr . ipv4_addr . inet_proto',
      '\t\telements = { 10.9.1.10 . 11.9.0.200 . 6 counter packets 4 bytes 180,',
      '\t\t\t     10.9.1.10 . 11.9.0.200 . udp counter packets 2 bytes 62 }',
      '\t}',
      '',
      '\tset to_outside {',
      '\t\telements = { 11.9.0.11 . 11.9.0.200 . 17 counter packets 1 bytes 31 }',
      '\t}',
      '}',
    ].join('\n')
    const { fromInside, toOutside, toInside } = parseRouterCounts(text)
    assert.deepEqual(
      [...fromInside],
      [
        ['tcp 10.9.1.10 11.9.0.200', 4],
        ['udp 10.9.1.10 11.9.0.200', 2],
      ],
    )
    assert.deepEqual([...toOutside], [['udp 11.9.0.11 11.9.0.200', 1]])
    assert.equal(toInside.size, 0)
  })
})
