import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DiscoveryOptions, NodeApi } from '#node/api/node-api.ts'
import { createDoubts } from '#orchestrator/run/doubts.ts'
import { withFreshDials } from '#orchestrator/run/fresh-dials.ts'

/** Observer A, which reaches B and C or not, and what it was asked. */
function observer() {
  const asked: string[] = []
  const reached = new Set<string>()
  const near = {
    discovery: async ({ again = false, dialBack = false, targets = [] }: DiscoveryOptions = {}) => {
      asked.push(`${dialBack ? (again ? 'again' : 'dial') : 'look'} ${targets.join(' ')}`.trim())
      return targets.map((peerId) => ({ peerId, dialable: reached.has(peerId) }))
    },
  } as unknown as NodeApi
  const doubts = createDoubts(['A', 'B', 'C'], (peerId) => peerId)
  return { asked, reached, doubts, api: withFreshDials(near, 'A', doubts, (peerId) => peerId) }
}

describe('withFreshDials', () => {
  it('dials anew after a change, where dials are asked for, until the target is reached', async () => {
    const { asked, reached, doubts, api } = observer()
    await api.discovery({ dialBack: true, targets: ['B'] })
    doubts.about(['B'])
    await api.discovery({ targets: ['B'] })
    await api.discovery({ dialBack: true, targets: ['B'] })
    reached.add('B')
    await api.discovery({ dialBack: true, targets: ['B'] })
    await api.discovery({ dialBack: true, targets: ['B'] })
    assert.deepEqual(asked, ['dial B', 'look B', 'again B', 'again B', 'dial B'])
  })

  it('dials those anew that the change concerns, and asks of all', async () => {
    const { asked, doubts, api } = observer()
    doubts.between('A', 'C')
    const seen = await api.discovery({ dialBack: true, targets: ['B', 'C'] })
    assert.deepEqual(asked, ['again C', 'dial B C'])
    assert.equal(seen.length, 2)
  })
})
