import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import type { OpenRequest } from '#orchestrator/probe/probe-agent.ts'
import { startTwoClouds, testEngine, type TestLab } from './docker-bench.ts'

const run = promisify(execFile)

/** Null where this test may change the host's firewall, and bridged packets pass it. */
async function missing(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux'
  const { endpoint } = await testEngine()
  if (!endpoint.host.startsWith('unix:')) return 'the engine is not on this machine'
  try {
    await run('iptables', ['-t', 'raw', '-S', 'PREROUTING'])
    const filtered = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8')
    return filtered.trim() === '1' ? null : 'bridged packets do not pass the firewall here'
  } catch (error) {
    return (error as Error).message
  }
}

/** A rule as engines from 28 on have one for each container: by its own bridge, or not at all. */
async function dropUnlessBy(address: string, bridge: string): Promise<AsyncDisposable> {
  const rule = ['PREROUTING', '-d', address, '!', '-i', bridge, '-j', 'DROP']
  await run('iptables', ['-t', 'raw', '-I', ...rule])
  return {
    [Symbol.asyncDispose]: async () => {
      await run('iptables', ['-t', 'raw', '-D', ...rule])
    },
  }
}

async function bridgeOf(bench: TestLab, network: string): Promise<string> {
  const { docker } = await testEngine()
  const { Id } = (await docker.getNetwork(`kadlab-${bench.lab.id}-${network}`).inspect()) as {
    Id: string
  }
  return `br-${Id.slice(0, 12)}`
}

function openTo(address: string, protocol: 'tcp' | 'udp'): OpenRequest {
  const to = [{ address, port: 20_001 }]
  return { protocol, localPort: 20_011, to, listen: false, timeoutMs: 1000 }
}

const skip = (await missing()) ?? false

describe('a host that drops what routers forward', { skip }, () => {
  it('is named, and no router is blamed', async () => {
    await using bench = await startTwoClouds('listens')
    const outside = bench.a.publicAddress.replace(/\d+$/, '200')
    const far: AgentPlace = {
      name: 'far',
      network: 'internet',
      address: outside,
      gateway: null,
    }
    const near: AgentPlace = {
      name: 'near',
      network: bench.a.network,
      address: bench.a.address,
      gateway: bench.a.gateway,
    }
    await using reflector = await bench.lab.startAgent(far)
    await using prober = await bench.lab.startAgent(near)
    await reflector.reflect([20_001])
    {
      await using _rule = await dropUnlessBy(outside, await bridgeOf(bench, 'internet'))
      for (const protocol of ['tcp', 'udp'] as const) {
        await assert.rejects(prober.open(openTo(outside, protocol)), {
          name: 'PacketsDroppedByHostError',
          message: /raw table[^]*bridge-nf-call-iptables/,
        })
      }
    }
    await prober.reset()
    const expected = { address: bench.a.publicAddress, port: 20_011 }
    assert.deepEqual(await prober.open(openTo(outside, 'udp')), [expected])
  })

  it('is not suspected where a router is what swallows', async () => {
    await using bench = await startTwoClouds('listens')
    // An inside address that the router translates for nobody.
    const address = bench.a.address.replace(/\d+$/, '77')
    const { network, gateway } = bench.a
    await using prober = await bench.lab.startAgent({ name: 'near', network, gateway, address })
    const outside = bench.a.publicAddress.replace(/\d+$/, '200')
    for (const protocol of ['tcp', 'udp'] as const) {
      assert.deepEqual(await prober.open(openTo(outside, protocol)), [null])
    }
  })
})
