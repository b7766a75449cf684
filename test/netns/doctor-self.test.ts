import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnSideSchema } from '#node/doctor/own-side-schema.ts'
import type { OwnSide } from '#node/doctor/own-side.ts'
import { startNetnsLab } from '#orchestrator/fabric/netns/lab.ts'
import { labPrograms } from '#orchestrator/fabric/netns/programs.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

/** What peers can see of each NAT, whatever it lets in. */
const SEEN: Readonly<Record<string, Pick<OwnSide, 'mapping' | 'ports' | 'carrier'>>> = {
  public: { mapping: 'none', ports: 'preserved', carrier: 'no' },
  'one-to-one': { mapping: 'EI', ports: 'preserved', carrier: 'unlikely' },
  'port-restricted': { mapping: 'EI', ports: 'preserved', carrier: 'unlikely' },
  symmetric: { mapping: 'AD or APD', ports: 'changed', carrier: 'unknown' },
  cgnat: { mapping: 'EI', ports: 'changed', carrier: 'likely' },
}

describe('doctor --self in namespaces', { timeout: 120_000 }, () => {
  it('says of each NAT preset what its row says', async () => {
    const presets = Object.keys(SEEN)
    const { scenario } = readScenario(
      JSON.stringify({
        name: 'self',
        title: 'Two peers on the internet, and a site behind each NAT',
        sites: {
          ...Object.fromEntries(presets.map((preset) => [preset, { nat: preset }])),
          outside: { nat: 'public' },
        },
        nodes: {
          a: { site: 'outside' },
          b: { site: 'outside' },
          ...Object.fromEntries(presets.map((preset) => [`at-${preset}`, { site: preset }])),
        },
      }),
      'self.yaml',
    )
    const [plan] = planScenario(scenario, { seed: 1, sameSubnets: true })
    const nodes = plan?.variants[0]?.nodes ?? []
    assert.ok(plan)
    const { signal } = new AbortController()
    const programs = labPrograms(plan, { onProgress: () => {}, signal })
    await using lab = await startNetnsLab({ plan, id: 'self', programs, signal, onEvent: () => {} })
    const peers = nodes.filter(({ name }) => name === 'a' || name === 'b')
    await Promise.all(peers.map(async (peer) => lab.startNode(peer, { signal })))
    const vias = peers.flatMap(({ address, peerId }) => [
      '--via',
      `/ip4/${address}/tcp/3000/p2p/${peerId}`,
    ])
    for (const preset of presets) {
      const node = nodes.find(({ name }) => name === `at-${preset}`)
      assert.ok(node)
      // Where the scenario's own node would stand.
      const { name, network, address, gateway } = node
      const words = ['doctor', '--self', ...vias, '--json']
      const { status, printed } = await lab.runAt({ name, network, address, gateway }, words)
      const { mapping, ports, carrier } = OwnSideSchema.parse(JSON.parse(printed))
      const found = { preset, mapping, ports, carrier }
      assert.deepEqual(found, { preset, ...SEEN[preset] }, printed)
      assert.equal(status, 0)
    }
  })
})
