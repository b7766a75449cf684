import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Hosts } from '#orchestrator/fabric/netns/hosts.ts'
import { Namespaces } from '#orchestrator/fabric/netns/namespaces.ts'
import { Cables, networksScript } from '#orchestrator/fabric/netns/network-script.ts'
import type { NetworkPlan } from '#orchestrator/plan/plan-type.ts'

const LINK = { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 }
const NETWORKS = [
  { name: 'internet', subnet: '11.0.0.0/24', gateway: null, link: LINK },
] as NetworkPlan[]
const PLACE = { network: 'internet', address: '11.0.0.10', gateway: null }

describe('hosts of a lab in namespaces', () => {
  it('leave no cable behind when they go: nobody else answers for the next one at their address', async () => {
    await using namespaces = await Namespaces.start()
    await namespaces.runScript('networks', networksScript(NETWORKS))
    const hosts = new Hosts(namespaces, NETWORKS, new Cables())
    const cables = (): Promise<string> =>
      namespaces.run('links', { words: ['ip', '-o', 'link', 'show', 'type', 'veth'], host: null })
    const host = await hosts.add('A', PLACE)
    // Whatever still runs there keeps the namespace, though its name is gone.
    const lingering = namespaces.spawn({ words: ['sleep', '1000'], host: 'A' })
    assert.notEqual(await cables(), '')
    await host[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
    assert.equal(await cables(), '')
    await using again = await hosts.add('A', PLACE)
    assert.ok(again)
    lingering.stdin.destroy()
  })

  it('have their addresses for themselves', async () => {
    await using namespaces = await Namespaces.start()
    await namespaces.runScript('networks', networksScript(NETWORKS))
    const hosts = new Hosts(namespaces, NETWORKS, new Cables())
    await using first = await hosts.add('A', PLACE)
    assert.ok(first)
    await assert.rejects(hosts.add('B', PLACE), /`B` cannot have 11\.0\.0\.10 on `internet`/)
  })
})
