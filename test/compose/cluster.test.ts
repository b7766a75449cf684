import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseConfig } from '#node/config/config.ts'
import { gatewayAddress } from '#orchestrator/fabric/docker/networks.ts'
import { networkOf, overlaps } from '#orchestrator/net/addresses.ts'
import { COMPOSE_SUBNETS } from '#orchestrator/net/reserved.ts'
import { peerNames } from '#orchestrator/plan/peer-names.ts'
import { routerSysctls } from '#orchestrator/router/conntrack.ts'
import { NFT_TABLE } from '#orchestrator/router/nft.ts'
import { routerScript } from '#orchestrator/router/router-script.ts'
import { composeFiles, composePlan, networkPrefixes } from '../../scripts/docs/compose.ts'
import {
  type ComposeService,
  interpolate,
  networksOf,
  readCompose,
  readEnvironment,
} from './compose-file.ts'

const FILE = readCompose('compose/compose.yaml')
const SERVICES = Object.entries(FILE.services)
const PLAN = composePlan()
const LAB_NETWORKS = PLAN.networks.map(({ name }) => name)
const ROUTERS = PLAN.routers.map(({ name }) => name)
const NODES = PLAN.variants[0]?.nodes.map(({ name }) => name) ?? []
const OTHERS = SERVICES.filter(([name]) => ![...ROUTERS, ...NODES].includes(name))

function service(name: string): ComposeService {
  const found = FILE.services[name]
  assert.ok(found, `there is no service ${name}`)
  return found
}

function addressesOf({ networks = {} }: ComposeService): Record<string, string | undefined> {
  assert.ok(!Array.isArray(networks))
  return Object.fromEntries(
    Object.entries(networks).map(([name, { ipv4_address: address }]) => [
      name,
      address === undefined ? undefined : interpolate(address),
    ]),
  )
}

describe('the cluster of compose/compose.yaml', () => {
  it('stands at the addresses of the scenario compose-cluster', () => {
    for (const { name, subnet, gateway } of PLAN.networks) {
      const network = PLAN.networks.find((network) => network.name === name)
      assert.ok(network)
      const wanted = { subnet, gateway: gateway ?? gatewayAddress(network, PLAN) }
      const [config] = FILE.networks[name]?.ipam?.config ?? []
      assert.ok(config)
      const { subnet: at, gateway: by } = config
      assert.deepEqual({ subnet: interpolate(at), gateway: interpolate(by) }, wanted, name)
    }
    for (const { name, lan, wan } of PLAN.routers) {
      assert.deepEqual(
        addressesOf(service(name)),
        { [wan.network]: wan.address, [lan.network]: lan.ownAddress },
        name,
      )
    }
    for (const node of PLAN.variants.flatMap(({ nodes }) => nodes)) {
      assert.deepEqual(addressesOf(service(node.name)), { [node.network]: node.address })
    }
  })

  it("gives each node the environment of its variant, and nothing else that is a peer's", () => {
    for (const variant of PLAN.variants) {
      for (const node of variant.nodes) {
        const { env_file: file = '', environment = {} } = service(node.name)
        const ANNOUNCE_PUBLIC = variant.name.replace('announce-', '')
        const path = `compose/${interpolate(file, { ANNOUNCE_PUBLIC })}`
        const wanted = { ...node.env, PEER_NAMES: peerNames(variant.nodes) }
        assert.deepEqual(readEnvironment(path), wanted, `${variant.name} ${node.name}`)
        assert.deepEqual(
          Object.keys(environment).toSorted(),
          ['API_TOKEN', 'DIAL_BACK_INTERVAL_MS', 'LOG_FORMAT', 'LOG_LEVEL', 'SWARM_KEY_FILE'],
          node.name,
        )
      }
    }
    const { env_file: file = '' } = service('cloud-a')
    assert.equal(interpolate(file), 'environment/ANNOUNCE_PUBLIC=yes/cloud-a.env')
  })

  it("gives each router its script and the kernel settings of its NAT, and nothing of the host's", () => {
    for (const router of PLAN.routers) {
      const { volumes, command = [], sysctls = {}, cap_add: added } = service(router.name)
      // No file of this machine: a clone that others may not read, and an engine elsewhere, have none to give.
      assert.equal(volumes, undefined)
      const [script = '', ...more] = command.map((word) => interpolate(word).replaceAll('$$', '$'))
      assert.equal(
        script,
        `${routerScript(router, PLAN.networks)}touch /run/routing\nexec sleep infinity\n`,
      )
      assert.match(script, /^set -eu\n/)
      assert.deepEqual(more, [])
      const set = Object.entries(sysctls).map(([name, value]) => [name, String(value)])
      assert.deepEqual(Object.fromEntries(set), routerSysctls(router.nat.timeouts), router.name)
      assert.deepEqual(added, ['NET_ADMIN'])
    }
  })

  it('has no way round its routers', () => {
    for (const name of [...ROUTERS, ...NODES]) {
      const { ports, network_mode, extra_hosts, privileged, dns, ...rest } = service(name)
      assert.deepEqual([ports, network_mode, extra_hosts, privileged], Array(4).fill(undefined))
      assert.equal(dns, '127.0.0.1', name)
      assert.deepEqual(rest.cap_drop, ['ALL'], name)
      assert.deepEqual(rest.cap_add, ROUTERS.includes(name) ? ['NET_ADMIN'] : undefined, name)
      assert.equal(networksOf(rest).length, ROUTERS.includes(name) ? 2 : 1, name)
      for (const network of networksOf(rest)) assert.ok(LAB_NETWORKS.includes(network), name)
    }
    for (const [name, other] of OTHERS) {
      for (const network of networksOf(other)) assert.ok(!LAB_NETWORKS.includes(network), name)
    }
    for (const name of LAB_NETWORKS) {
      const options = FILE.networks[name]?.driver_opts ?? {}
      const bridge = 'com.docker.network.bridge'
      assert.equal(options[`${bridge}.inhibit_ipv4`], 'true')
      assert.equal(options[`${bridge}.enable_ip_masquerade`], 'false')
      assert.equal(interpolate(options[`${bridge}.gateway_mode_ipv4`] ?? ''), 'nat-unprotected')
    }
  })

  it('is called as the folder of its clone, so that another clone does not take it over', () => {
    assert.equal(FILE.name, undefined)
    assert.equal(readCompose('compose.yaml').name, undefined)
  })

  it('moves to other networks by a variable for each, in every file', () => {
    const moved: Record<string, string> = {
      NET_INTERNET: '11.99.0',
      NET_CLOUD_A: '10.98.0',
      NET_CLOUD_B: '10.97.0',
      NET_HOME: '10.96.0',
    }
    assert.deepEqual(
      networkPrefixes(PLAN).map(({ variable }) => variable),
      Object.keys(moved),
    )
    const planned = networkPrefixes(PLAN).map(({ prefix }) => `${prefix}.`)
    const paths = ['compose/compose.yaml', ...Object.keys(composeFiles())]
    for (const path of paths) {
      const text = interpolate(readFileSync(path, 'utf8'), moved)
      for (const prefix of planned) assert.ok(!text.includes(prefix), `${path}: ${prefix}`)
    }
    const example = readFileSync('.env.example', 'utf8')
    for (const { variable, prefix } of networkPrefixes(PLAN)) {
      assert.ok(example.includes(`#${variable}=${prefix}\n`), variable)
    }
  })

  it('bounds the memory, the processes and the temporary files of every container', () => {
    for (const way of ['', 'server', 'join']) {
      const { services } = readCompose(join('compose', way, 'compose.yaml'))
      for (const [name, { mem_limit: memory, pids_limit: pids, tmpfs = [] }] of Object.entries(
        services,
      )) {
        assert.match(memory ?? '', /^\d+m$/, `${way} ${name}`)
        assert.ok(pids !== undefined && pids <= 256, `${way} ${name}`)
        for (const each of tmpfs) assert.match(each, /size=\d+m/, `${way} ${name}`)
      }
    }
  })

  it('calls a node healthy once it has joined', () => {
    for (const name of NODES) {
      assert.deepEqual(service(name).healthcheck?.test, [
        'CMD',
        'node',
        '/app/health.mjs',
        '/readyz',
      ])
    }
    assert.deepEqual(service('api').healthcheck?.test, ['CMD', 'node', '/app/health.mjs'])
  })

  it('starts Prometheus without Grafana where that is what there is', () => {
    assert.deepEqual(service('prometheus').profiles, ['monitoring', 'prometheus'])
    assert.deepEqual(service('grafana').profiles, ['monitoring'])
  })

  it('lets no container do more than it must', () => {
    for (const [name, service] of SERVICES) {
      const { cap_drop, cap_add, security_opt, read_only, privileged, user } = service
      assert.deepEqual(
        { cap_drop, cap_add, security_opt, read_only, privileged, user },
        {
          cap_drop: ['ALL'],
          cap_add: ROUTERS.includes(name) ? ['NET_ADMIN'] : undefined,
          security_opt: ['no-new-privileges:true'],
          read_only: true,
          privileged: undefined,
          // The image's own, which is root for routers only.
          user: undefined,
        },
        name,
      )
    }
  })

  it('has peers dialled back unasked, long before an alert is told', () => {
    for (const name of NODES) {
      assert.equal(service(name).environment?.['DIAL_BACK_INTERVAL_MS'], 30_000, name)
    }
  })

  it('calls a router healthy while its rules are loaded, after its script came to its end', () => {
    for (const name of ROUTERS) {
      const check = `nft list table ip ${NFT_TABLE} >/dev/null && test -e /run/routing`
      assert.deepEqual(service(name).healthcheck?.test, ['CMD-SHELL', check])
    }
  })

  it('lies in subnets that no lab is given', () => {
    const reserved = COMPOSE_SUBNETS.map(networkOf)
    for (const { subnet } of PLAN.networks) {
      const cidr = networkOf(subnet)
      assert.ok(cidr)
      assert.ok(
        reserved.some((each) => each !== null && overlaps(each, cidr)),
        subnet,
      )
    }
  })

  it("shows `api` each node's socket, in a volume that belongs to the node", () => {
    const { volumes = [] } = service('api')
    for (const name of NODES) {
      assert.ok(service(name).volumes?.includes(`${name}-api:/run/kadlab`))
    }
    assert.deepEqual(
      volumes,
      NODES.map((name) => ({
        type: 'volume',
        source: `${name}-api`,
        target: `/nodes/${name}`,
        volume: { nocopy: true },
      })),
    )
  })

  it('publishes on 127.0.0.1 only, each port moved by a variable', () => {
    const published = SERVICES.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    )
    assert.deepEqual(published, [
      ['api', '127.0.0.1:${API_PORT:-8080}:8080'],
      ['prometheus', '127.0.0.1:${PROMETHEUS_PORT:-9090}:9090'],
      ['grafana', '127.0.0.1:${GRAFANA_PORT:-3001}:3000'],
    ])
    const { API_LISTEN: listen, API_PUBLISHED_AT } = service('api').environment ?? {}
    assert.equal(API_PUBLISHED_AT, '127.0.0.1')
    const API_LISTEN = String(listen)
    parseConfig({ API_LISTEN, API_PUBLISHED_AT })
    assert.throws(() => parseConfig({ API_LISTEN }), { name: 'ConfigError' })
  })

  it('gives everybody who answers or asks the API its token, and starts without', () => {
    for (const name of [...NODES, 'api', 'prometheus']) {
      const { API_TOKEN } = service(name).environment ?? {}
      assert.equal(API_TOKEN, '${API_TOKEN:-}', name)
    }
  })

  it('restarts nothing that its settings stopped', () => {
    for (const name of NODES) assert.equal(service(name).restart, 'no', name)
  })

  it('asks no registry for what it builds', () => {
    for (const way of ['', 'server', 'join']) {
      const { services } = readCompose(join('compose', way, 'compose.yaml'))
      for (const [name, { build, pull_policy: policy }] of Object.entries(services)) {
        assert.equal(policy, build === undefined ? undefined : 'never', `${way} ${name}`)
      }
    }
  })

  it('fills no disk with logs', () => {
    for (const [name, { logging }] of SERVICES) {
      assert.deepEqual(logging, { driver: 'json-file', options: { 'max-size': '10m' } }, name)
    }
  })

  it('names its base images by exact versions and by their digests, of Node the one that everything else runs on', () => {
    const text = readFileSync('compose/compose.yaml', 'utf8')
    const images = [...text.matchAll(/\$\{([A-Z]+_IMAGE):-(?!kadlab-)([^}]+)\}/g)]
    assert.ok(images.length >= 2)
    for (const [, name, image] of images) {
      assert.match(image ?? '', /:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}$/, name)
    }
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      optionalDependencies: { node: string }
    }
    assert.ok(text.includes(`{NODE_IMAGE:-node:${optionalDependencies.node}-bookworm-slim@sha256:`))
  })
})
