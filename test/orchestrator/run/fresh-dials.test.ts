import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DiscoveryOptions, NodeApi } from '#node/api/node-api.ts'
import { createDoubts } from '#orchestrator/run/doubts.ts'
import { withFreshDials } from '#orchestrator/run/fresh-dials.ts'

describe('withFreshDials', () => {
  it('dials anew once after a change, and only where dials are asked for', async () => {
    const asked: DiscoveryOptions[] = []
    const near = {
      discovery: async (options: DiscoveryOptions = {}) => {
        asked.push(options)
        return []
      },
    } as unknown as NodeApi
    const doubts = createDoubts(['A', 'B'], (peerId) => peerId)
    const api = withFreshDials(near, 'A', doubts)
    await api.discovery({ dialBack: true })
    doubts.about(['B'])
    await api.discovery()
    await api.discovery({ dialBack: true })
    await api.discovery({ dialBack: true })
    assert.deepEqual(
      asked.map(({ again = false }) => again),
      [false, false, true, false],
    )
  })

  it('dials anew again where the first time was given up', async () => {
    let fails = true
    const asked: boolean[] = []
    const near = {
      discovery: async ({ again = false }: DiscoveryOptions = {}) => {
        asked.push(again)
        if (fails) throw new Error('given up')
        return []
      },
    } as unknown as NodeApi
    const doubts = createDoubts(['A'], (peerId) => peerId)
    doubts.about(['A'])
    const api = withFreshDials(near, 'A', doubts)
    await assert.rejects(api.discovery({ dialBack: true }), /given up/)
    fails = false
    await api.discovery({ dialBack: true })
    assert.deepEqual(asked, [true, true])
  })
})
