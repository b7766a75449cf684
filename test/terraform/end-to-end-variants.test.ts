import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { eventually } from '#test/support/eventually.ts'
import { openWorkspace, PROJECT, type Workspace } from './terraform.ts'
import { Cluster } from './vm/cluster.ts'
import { missingForMachines } from './vm/missing.ts'
import { VirtualAzure, type VirtualAzureOptions } from './vm/virtual-azure.ts'

const SEED = 'kadlab-00'
const missing = await missingForMachines()

interface Deployed extends AsyncDisposable {
  azure: VirtualAzure
  cluster: Cluster
  workspace: Workspace
}

async function deploy(
  variables: Record<string, unknown>,
  options: VirtualAzureOptions = {},
): Promise<Deployed> {
  await using stack = new AsyncDisposableStack()
  const azure = stack.use(new VirtualAzure(options))
  await azure.start()
  const { cloud, blobEndpoint } = azure
  const workspace = stack.use(await openWorkspace({ cloud, blobEndpoint }))
  const args = Object.entries({ update_poll_seconds: 1, ...variables }).map(
    ([name, value]) => `-var=${name}=${String(value)}`,
  )
  const outcome = await workspace.terraform(['apply', '-auto-approve', '-no-color', ...args])
  assert.equal(outcome.code, 0, outcome.text)
  const owned = stack.move()
  return {
    azure,
    cluster: new Cluster(azure),
    workspace,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

describe('variants of a deployed cluster', { skip: missing ?? false }, () => {
  it('lists nobody who joins where nodes are not told their public addresses: the control', async () => {
    await using deployed = await deploy(
      { node_count: 3 },
      {
        tamper: (data) => {
          const { PUBLIC_IP: _, ...rest } = data['environment'] as Record<string, string>
          return { ...data, environment: rest }
        },
      },
    )
    const { cluster } = deployed
    await eventually(async () => {
      const sightings = await cluster.sightings(SEED)
      assert.deepEqual(
        sightings.map(({ listed, cause }) => `${listed} ${cause}`),
        ['false ONLY_PRIVATE_ADDRESSES', 'false ONLY_PRIVATE_ADDRESSES'],
      )
    })
    const { peerId, listed } = await cluster.status(SEED)
    assert.equal(listed, 0)
    // Who joins keeps the one address that it dialled itself, and nothing that it was told.
    for (const node of ['kadlab-01', 'kadlab-02']) {
      const lists = (await cluster.peers(node)).filter((peer) => peer.listed)
      assert.deepEqual(
        lists.filter((peer) => peer.peerId !== peerId),
        [],
        node,
      )
    }
  })

  it('builds no image from a pack with another digest, and says so', async () => {
    await using deployed = await deploy(
      { node_count: 1 },
      {
        tamper: (data) => {
          const pack = { ...(data['pack'] as object), sha256: '0'.repeat(64) }
          return { ...data, pack }
        },
      },
    )
    await eventually(async () => {
      const { healthy, rollout, node } = await deployed.cluster.health(SEED)
      assert.equal(healthy, false)
      assert.equal(rollout?.state, 'failed')
      assert.match(rollout.detail, /the pack's SHA-256 is [0-9a-f]{64}, not 0{64}: it is not built/)
      assert.equal(node, null)
    })
  })

  it('needs no peer id beforehand, and shows metrics to the monitoring machine alone', async () => {
    await using deployed = await deploy({
      node_count: 2,
      identity: 'generated',
      monitoring: true,
    })
    const { azure, cluster, workspace } = deployed
    await cluster.listsItself([SEED, 'kadlab-01'])
    const { stdout } = await workspace.terraform(['output', '-json', 'public_ips'])
    const seedIp = (JSON.parse(stdout) as Record<string, string>)[SEED] ?? ''
    const get = (from: string, port: number, path: string): Promise<string> =>
      azure.inMachine(from, 'curl', '-sSf', '--max-time', '3', `http://${seedIp}:${port}${path}`)

    assert.match(await get('kadlab-monitoring', 9464, '/metrics'), /^kadlab_\w+/m)
    await assert.rejects(get('kadlab-monitoring', 9464, '/v1/status'), /404/)
    for (const [from, port] of [
      ['kadlab-01', 9464],
      ['kadlab-01', 8080],
      ['kadlab-monitoring', 8080],
    ] as const) {
      await assert.rejects(get(from, port, '/metrics'), /timed out|Timeout/i, `${from} ${port}`)
    }
    await eventually(async () => {
      const targets = await azure.read(
        'kadlab-monitoring',
        'var/lib/kadlab-monitoring/files/prometheus/targets.json',
      )
      assert.ok(targets.includes(`${seedIp}:9464`))
    })
    assert.match(
      await azure.onMachine('kadlab-monitoring', 'cat', '/var/lib/kadlab-monitoring/grafana.env'),
      /^GF_SECURITY_ADMIN_PASSWORD=.{24}$/m,
    )

    // The doctor, from a machine on the internet: the monitoring one's network stands for the operator's.
    const hosts = join(workspace.root, 'hosts.json')
    await writeFile(hosts, (await workspace.terraform(['output', '-json', 'hosts'])).stdout)
    const doctor = ['doctor', '--hosts', hosts, '--timeout', '3']
    const main = [process.execPath, join(PROJECT, 'node/main.ts')]
    const text = await azure.inMachine('kadlab-monitoring', ...main, ...doctor)
    assert.match(text, /✔ healthy: every host lists all others, and strangers reach each/)
    await azure.onMachine('kadlab-01', 'systemctl', 'stop', 'kadlab-rollout.service')
    await azure.onMachine('kadlab-01', 'systemctl', 'stop', 'kadlab.service')
    await assert.rejects(
      azure.inMachine('kadlab-monitoring', ...main, ...doctor),
      (error: { code: number; stdout: string }) => {
        assert.equal(error.code, 1)
        assert.match(error.stdout, /✘ kadlab-01 /)
        assert.match(error.stdout, /kadlab-01: .*(AllowKademlia|kadlab-health)/)
        return true
      },
    )
  })
})
