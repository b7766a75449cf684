import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { describeFabricContract } from '#test/orchestrator/fabric/contract.ts'
import { presetPlan } from '#test/orchestrator/proof/preset-plan.ts'

describeFabricContract('sim', () => createSimFabric())

describe('sim fabric', () => {
  it("runs kadlab's own nodes only, and names the fabric that runs others", async () => {
    const node: NodePlan = {
      name: 'R',
      program: 'rust-kv',
      site: 'internet',
      network: 'internet',
      address: '11.66.0.50',
      gateway: null,
      publicAddress: '11.66.0.50',
      peerId: '',
      identitySeed: '',
      settings: {},
      env: {},
      autostart: true,
      startsAfter: [],
    }
    const plan = presetPlan({})
    plan.variants = [{ name: 'only', title: '', nodes: [node], steps: [] }]
    await assert.rejects(createSimFabric().start(plan, { onEvent: () => undefined }), {
      name: 'ForeignProgramError',
      message: /R runs rust-kv.*--fabric docker/,
    })
  })

  it('shows what a router did as text', async () => {
    const plan = presetPlan({ home: { preset: 'full-cone' } })
    await using lab = await createSimFabric().start(plan, { onEvent: () => undefined })
    const place = { network: 'home', address: '10.66.1.10', gateway: '10.66.1.1' }
    await using inside = await lab.startAgent({ ...place, name: 'inside' })
    const outside = { network: 'internet', address: '11.66.0.50', gateway: null }
    await using reflector = await lab.startAgent({ ...outside, name: 'outside' })
    await reflector.reflect([20_001])
    const to = [{ address: outside.address, port: 20_001 }]
    const request = { protocol: 'tcp' as const, localPort: 5000, to, listen: false }
    assert.equal((await inside.open({ ...request, timeoutMs: 3000 })).length, 1)
    const state = await lab.routerState('home-router')
    assert.equal(
      state['mappings.txt'],
      'tcp 10.66.1.10:5000 is 11.66.0.1:5000 outside\n  with 11.66.0.50:20001 established\n',
    )
    assert.equal(JSON.parse(state['counters.json'] ?? '').mappingsMade, 1)
    await lab.flushNat('home-router')
    assert.equal((await lab.routerState('home-router'))['mappings.txt'], '')
  })
})
