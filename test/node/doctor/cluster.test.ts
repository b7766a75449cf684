import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { peerIdFromString } from '@libp2p/peer-id'
import { base36 } from 'multiformats/bases/base36'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { clusterText } from '#node/doctor/cluster-text.ts'
import { type ClusterDiagnosis, examineCluster } from '#node/doctor/cluster.ts'
import { runDoctor } from '#node/doctor/command.ts'
import { type Hosts, parseHosts } from '#node/doctor/hosts.ts'
import { createNode, type KadlabNode } from '#node/node.ts'
import { systemClock } from '#node/time/clock.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { simTransport } from '#orchestrator/fabric/sim/transport.ts'
import { listEachOther } from '#test/support/node-events.ts'
import { cloudNat, labPlan, sitePlan } from '../../orchestrator/fabric/sim/plans.ts'

const AZURE = {
  resourceGroup: 'kadlab-rg',
  networkSecurityGroup: 'kadlab-westeurope-nodes-nsg',
  securityRule: 'AllowKademlia',
}
const NAMES = ['kadlab-00', 'kadlab-01', 'kadlab-02']
const publicIp = (index: number): string => `11.0.0.${20 + index}`

/** What `terraform output -json hosts` would say of the simulated cluster. */
function hostsFile(peerIds: readonly (string | null)[]): Hosts {
  return parseHosts(
    JSON.stringify({
      schema: 'kadlab.hosts/1',
      name: 'kadlab',
      seed: 'kadlab-00',
      protocol: '/ipfs/kad/1.0.0',
      hosts: NAMES.map((name, index) => ({
        name,
        multiaddr: `/ip4/${publicIp(index)}/tcp/3000`,
        peerId: peerIds[index] ?? null,
        release: `release-${index}`,
        azure: { ...AZURE, virtualMachine: name },
        region: 'westeurope',
      })),
    }),
  )
}

/** Three nodes on simulated cloud VMs, joined; `change` alters the environment of the last. No socket is opened. */
async function examineThree(
  change: Record<string, string | undefined>,
  timeoutMs = 20_000,
): Promise<ClusterDiagnosis> {
  const sites = NAMES.map((name, index) => {
    const nat = cloudNat({ private: '10.0.0.4', public: publicIp(index) })
    return sitePlan(name, publicIp(index), nat)
  })
  const internet = new SimInternet(labPlan(sites), { clock: systemClock })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => internet.stop())
  const nodes: KadlabNode[] = []
  for (const [index, name] of NAMES.entries()) {
    const host = internet.addHost({
      name,
      network: name,
      address: '10.0.0.4',
      gateway: '10.0.0.1',
    })
    const env = {
      IDENTITY_SEED: String(index + 1).repeat(64),
      PUBLIC_IP: publicIp(index),
      BUILD: `release-${index}`,
      BOOTSTRAP: index === 0 ? undefined : `/ip4/${publicIp(0)}/tcp/3000`,
      ...(index === 2 ? change : {}),
    }
    const node = await createNode(parseConfig(env), {
      log: silentLog,
      transport: simTransport(host),
    })
    stack.defer(() => node.stop())
    nodes.push(node)
    await node.start()
  }
  const [first, second] = nodes
  assert.ok(first && second)
  await listEachOther(first, second)
  const stranger = internet.addHost({
    name: 'stranger',
    network: 'internet',
    address: '11.0.0.77',
    gateway: null,
  })
  return await examineCluster(
    hostsFile(nodes.map((node) => node.peerId)),
    { scope: 'public', dialPrivate: false, timeoutMs },
    { transport: simTransport(stranger) },
  )
}

describe('the doctor with a list of hosts', () => {
  it('names who does not list whom, the cause, and the remedy for the host that announces nothing public', async () => {
    const found = await examineThree({ PUBLIC_IP: undefined })
    assert.equal(found.healthy, false)
    const last = found.hosts[2]
    assert.equal(last?.diagnosis.sighting.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.match(
      last.advice ?? '',
      /with user data: terraform apply, then az vm run-command invoke/,
    )
    const between = found.listings.find(
      (l) => l.observer === 'kadlab-00' && l.target === 'kadlab-01',
    )
    assert.deepEqual([between?.listed, between?.cause], [true, null])
    const missing = found.listings.find(
      (l) => l.observer === 'kadlab-00' && l.target === 'kadlab-02',
    )
    assert.deepEqual([missing?.listed, missing?.cause], [false, 'ONLY_PRIVATE_ADDRESSES'])
    assert.deepEqual(found.hosts[0]?.release, { wanted: 'release-0', seen: 'release-0' })
    const text = clusterText(found)
    assert.match(text, /✘ kadlab-02 +\S+, ONLY_PRIVATE_ADDRESSES/)
    assert.match(text, / 0 kadlab-00 .*·  ✔  ✘/)
  })

  it('names the security rule where nothing answers, and cannot ask that host', async () => {
    const found = await examineThree({ LISTEN_PORT: '4000' }, 3000)
    const last = found.hosts[2]
    assert.equal(last?.diagnosis.healthy, false)
    assert.match(
      last?.advice ?? '',
      /AllowKademlia of kadlab-westeurope-nodes-nsg|the VM is up and the node is not/,
    )
    const asked = found.listings.filter((listing) => listing.observer === 'kadlab-02')
    assert.deepEqual(
      asked.map(({ listed }) => listed),
      [null, null],
    )
  })

  it('takes a peer id in the spelling of a CID for the same', () => {
    const id = '12D3KooWB53pLF14dsZEHjg9UbvBXfkAeJRjyRReVX4eDKtZgsGN'
    const spelled = peerIdFromString(id).toCID().toString(base36)
    const host = { name: 'a', multiaddr: `/ip4/11.0.0.1/tcp/3000/p2p/${spelled}`, peerId: spelled }
    const list = { schema: 'kadlab.hosts/1', name: 'x', protocol: '/a', hosts: [host] }
    const read = parseHosts(JSON.stringify(list)).hosts[0]
    assert.deepEqual(read, { ...host, multiaddr: `/ip4/11.0.0.1/tcp/3000/p2p/${id}`, peerId: id })
    const wrong = { ...list, hosts: [{ ...host, peerId: 'nobody' }] }
    assert.throws(() => parseHosts(JSON.stringify(wrong)), { name: 'HostsError' })
  })

  it('tells a list of hosts from something else, with status 2', async () => {
    for (const [text, fault] of [
      ['{', /expected JSON as `terraform output -json hosts` prints it/],
      ['{"schema":"kadlab.hosts/1","name":"x","protocol":"/a","hosts":[]}', /hosts/],
    ] as const) {
      const errors = new PassThrough({ encoding: 'utf8' })
      const output = new PassThrough({ encoding: 'utf8' })
      const input = (async function* () {
        yield await Promise.resolve(text)
      })()
      assert.equal(await runDoctor(['--hosts', '-'], { env: {}, input, output, errors }), 2)
      if (errors.readableLength === 0) await once(errors, 'readable')
      assert.match(String(errors.read()), fault)
    }
    const errors = new PassThrough()
    const output = new PassThrough()
    const words = ['--hosts', 'x', '/ip4/11.0.0.1/tcp/1']
    assert.equal(await runDoctor(words, { env: {}, output, errors }), 2)
  })
})
