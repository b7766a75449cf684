import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { listEachOther } from '#test/support/node-events.ts'

const scenarioFile = new URL(
  '../../../../orchestrator/scenarios/nat-two-nodes.yaml',
  import.meta.url,
).pathname

/** What Node makes for each socket, connection attempt, datagram and name look-up, whichever module asks for it. */
const socketResources =
  /^(TCP(SERVER|CONNECT)?WRAP|UDPWRAP|UDPSENDWRAP|TLSWRAP|GETADDRINFOREQWRAP|GETNAMEINFOREQWRAP|QUERYWRAP|PIPE(SERVER|CONNECT)WRAP)$/

/** Names the sockets that are made while `action` runs. */
async function socketsMadeBy(action: () => Promise<void>): Promise<string[]> {
  const made: string[] = []
  const hook = createHook({
    init: (_, type) => {
      if (socketResources.test(type)) made.push(type)
    },
  })
  hook.enable()
  try {
    await action()
  } finally {
    hook.disable()
  }
  return made
}

async function planTwoNodes(): Promise<{ plan: Plan; a: NodePlan; b: NodePlan }> {
  const { scenario } = await loadScenario(scenarioFile)
  const [plan] = planScenario(scenario, { seed: 1, sameSubnets: true, variants: ['fixed'] })
  const [a, b] = plan?.variants[0]?.nodes ?? []
  assert.ok(plan && a && b)
  return { plan, a, b }
}

/** Proof, nodes, listing, store: everything that a run does to a lab. */
async function runWholeLab(): Promise<void> {
  const { plan, a, b } = await planTwoNodes()
  await using lab = await createSimFabric().start(plan, { onEvent: () => undefined })
  await proveRouters(lab, plan)
  const env = {
    API_LISTEN: '127.0.0.1:0',
    METRICS: 'yes',
    DATA_DIR: '/nowhere/kadlab',
    DIAL_ADDRESS_TIMEOUT_MS: '300',
  }
  await using nodeA = await lab.startNode({ ...a, env: { ...a.env, ...env } })
  await using nodeB = await lab.startNode({ ...b, env: { ...b.env, ...env } })
  await listEachOther(nodeA, nodeB)
  await nodeB.api.put('key', Buffer.from('value'), { replicas: 1 })
  assert.ok(await nodeA.api.get('key'))
  await nodeA.api.discovery({ dialBack: true })
  // An address that nobody has, and one that no simulated network has.
  await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3999`)
  await nodeA.api.dial('/ip4/127.0.0.1/tcp/1')
}

describe('isolation of the sim', () => {
  it('runs a whole lab without a socket, a datagram or a name look-up', async () => {
    assert.deepEqual(await socketsMadeBy(runWholeLab), [])
  })

  it('would be seen to open one', async () => {
    const made = await socketsMadeBy(async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
      server.close()
      await once(server, 'close')
    })
    assert.ok(made.includes('TCPSERVERWRAP') && made.includes('TCPCONNECTWRAP'))
  })

  it("gives nodes the plan's environment, and nothing of the process's", async () => {
    const { plan, a } = await planTwoNodes()
    process.env['PUBLIC_IP'] = '11.0.0.99'
    process.env['LISTEN_PORT'] = '4444'
    try {
      await using lab = await createSimFabric().start(plan, { onEvent: () => undefined })
      await using node = await lab.startNode(a)
      const { announced, listening } = await node.api.status()
      assert.deepEqual(
        [announced, listening].map((addresses) => /4444|11\.0\.0\.99/.test(addresses.join())),
        [false, false],
      )
    } finally {
      delete process.env['PUBLIC_IP']
      delete process.env['LISTEN_PORT']
    }
  })
})
