import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { fabricsFor } from '#orchestrator/scenario/fabric-fit.ts'
import { FABRIC_NAMES } from '#orchestrator/scenario/fabrics.ts'
import { assertStockTwoNodes, startCommand } from '#test/support/nat-two-nodes.ts'
import { faultsIn, scenarioOf } from '#test/support/scenario-text.ts'

const text = (env: string): string => `name: stock
title: stock
sites: { net: { nat: public } }
nodes: { A: { site: net, program: stock-js, env: ${env} }, K: { site: net } }
`

describe('js-libp2p as it comes', () => {
  it('shows the main job on the simulated network, the same twice', async () => {
    await assertStockTwoNodes('sim')
    await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-stock-'))
    const words = ['scenario', 'stock-two-nodes', '--fabric', 'sim', '--check-determinism']
    const twice = await startCommand(words, directory.path).ended
    assert.equal(twice.status, 0, twice.stdout)
  })

  it('runs on every fabric, decides by itself whether it serves, and stands on networks like those of kadlab', () => {
    const scenario = scenarioOf(text('{}'))
    assert.deepEqual(fabricsFor(scenario), FABRIC_NAMES)
    const [plan] = planScenario(scenario, { seed: 1 })
    const [stock, own] = plan?.variants[0]?.nodes ?? []
    assert.equal(stock?.env['KAD_MODE'], 'auto')
    assert.equal(own?.env['KAD_MODE'], undefined)
    const [ownPlan] = planScenario(scenarioOf(text('{}').replace('stock-js', 'kadlab')), {
      seed: 1,
    })
    assert.deepEqual(plan?.networks, ownPlan?.networks)
  })

  it('reads what it has a setting for, and refuses the rest at its line', () => {
    assert.deepEqual(faultsIn(text('{ KAD_MODE: server, PUBLIC_IP: "{public}" }')), [])
    const [fault] = faultsIn(text('{ DATA_DIR: /data }'))
    assert.match(`${fault?.line}: ${fault?.message}`, /^4: stock-js reads no variable DATA_DIR/)
  })
})
