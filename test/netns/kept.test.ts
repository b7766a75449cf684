import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'

const FILE = new URL('../../orchestrator/scenarios/nat-two-nodes.yaml', import.meta.url).pathname

describe('a kept lab in namespaces', () => {
  it('says how to look into it, and what it says works', async () => {
    const { scenario } = await loadScenario(FILE)
    const [plan] = planScenario(scenario, { seed: 1, variants: ['fixed'] })
    const [a] = plan?.variants[0]?.nodes ?? []
    assert.ok(plan && a)
    const lab = await createNetnsFabric().start(plan, { keep: true, onEvent: () => {} })
    try {
      await lab.startNode(a)
      const lines = (await lab.keep()).split('\n').map((line) => line.trim())
      const typed = async (end: string, more = ''): Promise<string> => {
        const line = lines.find((each) => each.endsWith(end))
        assert.ok(line !== undefined, lines.join('\n'))
        const { stdout } = await promisify(execFile)('sh', ['-c', `${line} ${more}`])
        return stdout
      }
      assert.match(await typed('A-command shell', 'DISCOVERY'), /^observer/)
      assert.match(await typed('nft list ruleset'), /table ip kadlab/)
    } finally {
      await lab.stop()
    }
  })
})
