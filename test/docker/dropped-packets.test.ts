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

/** Inserts a rule, until it is disposed of. */
async function ruleOf(table: string, chain: string, words: string): Promise<AsyncDisposable> {
  const rule = [chain, ...words.split(' ')]
  await run('iptables', ['-t', table, '-I', ...rule])
  return {
    [Symbol.asyncDispose]: async () => {
      await run('iptables', ['-t', table, '-D', ...rule])
    },
  }
}

/** A table that no engine and no iptables has, with one rule for what is bridged or forwarded. */
async function foreignTable(rule: string): Promise<AsyncDisposable> {
  const hook = 'type filter hook forward priority 0; policy accept;'
  await run('nft', [`table inet kadlab_test { chain guard { ${hook} ${rule}; }; }`])
  return {
    [Symbol.asyncDispose]: async () => {
      await run('nft', ['delete', 'table', 'inet', 'kadlab_test'])
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

interface DropBench extends TestLab {
  /** Address of the reflector, on the internet. */
  outside: string
  prober: Awaited<ReturnType<TestLab['lab']['startAgent']>>
}

/** A prober inside of site `east`, and a reflector outside. */
async function startDropBench(): Promise<DropBench> {
  const bench = await startTwoClouds('listens')
  const outside = bench.a.publicAddress.replace(/\d+$/, '200')
  const far: AgentPlace = { name: 'far', network: 'internet', address: outside, gateway: null }
  const { network, address, gateway } = bench.a
  const reflector = await bench.lab.startAgent(far)
  const prober = await bench.lab.startAgent({ name: 'near', network, address, gateway })
  await reflector.reflect([20_001])
  return { ...bench, outside, prober }
}

const skip = (await missing()) ?? false

describe('a host that drops what routers forward', { skip }, () => {
  it('is named by its rule of the raw table, with bridge and network, and no router is blamed', async () => {
    await using bench = await startDropBench()
    const { outside, prober } = bench
    const [bridge, own] = await Promise.all([
      bridgeOf(bench, 'internet'),
      bridgeOf(bench, bench.a.network),
    ])
    {
      // As engines from 28 on have one for each container: by its own bridge, or not at all.
      await using _rule = await ruleOf('raw', 'PREROUTING', `-d ${outside} ! -i ${bridge} -j DROP`)
      for (const protocol of ['tcp', 'udp'] as const) {
        await assert.rejects(prober.open(openTo(outside, protocol)), (error: Error) => {
          assert.equal(error.name, 'PacketsDroppedByHostError')
          assert.match(error.message, /`near` sent packets on network `east`/)
          assert.ok(error.message.includes(`(bridge ${own})`), error.message)
          assert.match(error.message, /and `east-router` received none/)
          assert.match(error.message, /ip raw PREROUTING: .*drop \(\d+ packets\)/)
          return true
        })
      }
    }
    await prober.reset()
    const expected = { address: bench.a.publicAddress, port: 20_011 }
    assert.deepEqual(await prober.open(openTo(outside, 'udp')), [expected])
  })

  it('is named by its rule in DOCKER-USER, and nothing is said of a raw table that has no rule', async () => {
    await using bench = await startDropBench()
    await using _rule = await ruleOf('filter', 'DOCKER-USER', '-s 11.0.0.0/8 -j DROP')
    await assert.rejects(bench.prober.open(openTo(bench.outside, 'tcp')), (error: Error) => {
      assert.equal(error.name, 'PacketsDroppedByHostError')
      assert.match(error.message, /`east-router` sent \d+ packets? on network `internet`/)
      assert.match(error.message, /ip filter DOCKER-USER: ip saddr 11\.0\.0\.0\/8 drop/)
      assert.doesNotMatch(error.message, /ip raw/)
      return true
    })
  })

  it('is named where it drops the answers alone, on the network that they do not pass', async () => {
    await using bench = await startDropBench()
    const answers = `-s ${bench.outside} -d ${bench.a.address}`
    await using _rule = await ruleOf('filter', 'DOCKER-USER', `${answers} -j DROP`)
    await assert.rejects(bench.prober.open(openTo(bench.outside, 'udp')), {
      name: 'PacketsDroppedByHostError',
      message: /`east-router` sent \d+ packets? on network `east` .*`near` received none/,
    })
  })

  it('is named by a table of another firewall', async () => {
    await using bench = await startDropBench()
    await using _table = await foreignTable('ip saddr 10.0.0.0/8 counter drop')
    await assert.rejects(bench.prober.open(openTo(bench.outside, 'udp')), {
      name: 'PacketsDroppedByHostError',
      message:
        /`near` sent packets on network `east`[^]*inet kadlab_test guard: ip saddr 10\.0\.0\.0\/8 drop/,
    })
  })

  it('is not suspected where a rule inside the router drops, however early', async () => {
    await using bench = await startDropBench()
    const router = `kadlab-${bench.lab.id}-east-router`
    const chain = 'type filter hook prerouting priority -450; policy drop;'
    await run('docker', ['exec', router, 'nft', `table ip shut { chain shut { ${chain} }; }`])
    for (const protocol of ['tcp', 'udp'] as const) {
      assert.deepEqual(await bench.prober.open(openTo(bench.outside, protocol)), [null])
    }
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
