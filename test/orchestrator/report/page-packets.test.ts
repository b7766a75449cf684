import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { packetToBytes } from '#orchestrator/fabric/sim/packet-bytes.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { PagePackets } from '#orchestrator/report/page-packets.ts'

const [plan] = planScenario((await findScenario('nat-two-nodes')).scenario, { seed: 1, taken: [] })
assert.ok(plan !== undefined)
const bytes = packetToBytes({
  protocol: 'udp',
  source: { address: '11.0.0.12', port: 1 },
  destination: { address: '11.0.0.11', port: 2 },
  payload: Buffer.from('hi'),
})
const packet = { plan, network: 'internet', bytes, atMs: 0.123456 }

describe('packets in a page', () => {
  it('have the number that they have in the capture, those that cannot be read counted too', () => {
    const packets = new PagePackets()
    assert.equal(packets.next({ ...packet, bytes: Buffer.from('no packet') }), null)
    assert.deepEqual(JSON.parse(packets.next(packet) ?? ''), {
      type: 'packet',
      number: 2,
      network: 'internet',
      atMs: 0.123,
      from: '11.0.0.12:1',
      to: '11.0.0.11:2',
      says: 'UDP 2 bytes',
    })
  })

  it('are no more than a page can hold', () => {
    const packets = new PagePackets(2)
    const lines = [1, 2, 3].map(() => packets.next(packet))
    assert.deepEqual(
      lines.map((line) => line !== null),
      [true, true, false],
    )
  })
})
