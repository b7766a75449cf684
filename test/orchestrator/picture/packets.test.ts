import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findScenario } from '#orchestrator/catalogue/catalogue.ts'
import { PacketBook, type PacketLine, pairPackets } from '#orchestrator/picture/packets.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'

const { scenario } = await findScenario('nat-two-nodes')
const [plan] = planScenario(scenario, { seed: 1, taken: [] })
assert.ok(plan !== undefined)
const nodes = plan.variants[0]?.nodes ?? []

function packet(
  network: string,
  from: string,
  to: string,
  about?: PacketLine['about'],
): PacketLine {
  const said = { type: 'packet', number: 1, network, atMs: 0, from, to, says: 'TCP SYN' } as const
  return about === undefined ? said : { ...said, about }
}

/** Senders and receivers of those of A and B. */
function namesOf(lines: readonly PacketLine[], all = nodes): string[] {
  const placed = lines.map((line) => ({ ...line, after: 0 }))
  return pairPackets(placed, { plan: plan ?? { routers: [] }, nodes: all }, ['A', 'B']).map(
    ({ senders, receivers }) => `${senders.join(' or ')} to ${receivers.join(' or ')}`,
  )
}

const [lanOfA = '', lanOfB = ''] = ['A', 'B'].map(
  (name) => nodes.find((node) => node.name === name)?.network ?? '',
)

describe('the packets of a pair', () => {
  it('are known on each network that they cross, whatever routers made of their addresses', () => {
    const crossing = [
      packet(lanOfB, '10.2.0.10:3000', '11.0.0.11:3000'),
      packet('internet', '11.0.0.12:3000', '11.0.0.11:3000'),
      packet(lanOfA, '11.0.0.12:3000', '10.1.0.10:3000'),
      packet(lanOfA, '10.1.0.10:3000', '11.0.0.12:3000'),
    ]
    assert.deepEqual(namesOf(crossing), ['B to A', 'B to A', 'B to A', 'A to B'])
  })

  it('are those to a private address too that leads nowhere, and no packets of others', () => {
    assert.deepEqual(namesOf([packet(lanOfA, '10.1.0.10:3000', '10.2.0.10:3000')]), ['A to B'])
    const others = [
      packet('internet', '11.0.0.12:3000', '11.0.0.99:3000'),
      packet(lanOfA, '10.1.0.1', '10.1.0.10:3000'),
    ]
    assert.deepEqual(namesOf(others), [])
  })

  it('are errors about them, which come from whoever could not pass them on', () => {
    const about = { from: '10.2.0.10:3000', to: '11.0.0.11:3000' }
    assert.deepEqual(namesOf([packet(lanOfB, '10.2.0.1', '10.2.0.10', about)]), ['A to B'])
  })

  it('name all who may be meant where several stand behind one address', () => {
    const [a, b] = nodes
    assert.ok(a !== undefined && b !== undefined)
    const beside = { ...b, name: 'C', address: '10.2.0.11' }
    const line = packet('internet', '11.0.0.12:3000', '11.0.0.11:3000')
    assert.deepEqual(namesOf([line], [a, b, beside]), ['B or C to A'])
    // With an outside address of its own it is told apart.
    const apart = { ...beside, publicAddress: '11.0.0.13' }
    assert.deepEqual(namesOf([line], [a, b, apart]), ['B to A'])
  })

  it('are of the variant in which they crossed', () => {
    const book = new PacketBook()
    book.push(packet('internet', '11.0.0.1:1', '11.0.0.2:2'), 1)
    book.startVariant('bug')
    book.push(packet('internet', '11.0.0.3:1', '11.0.0.4:2'), 5)
    assert.deepEqual(
      book.ofVariant('bug').map(({ from, after }) => [from, after]),
      [['11.0.0.3:1', 5]],
    )
    assert.deepEqual(book.ofVariant('fixed'), [])
  })
})
