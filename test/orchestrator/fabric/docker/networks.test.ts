import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseApiVersion } from '#orchestrator/fabric/docker/engine.ts'
import {
  bridgeOptions,
  gatewayAddress,
  networkRequest,
} from '#orchestrator/fabric/docker/networks.ts'
import type { NetworkPlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { twoClouds } from '#test/docker/plans.ts'

const GATEWAY_MODE = 'com.docker.network.bridge.gateway_mode_ipv4'
const LAB = {
  id: 'abcd',
  scenario: 'two-clouds',
  owner: { host: 'here', machine: '', pidNamespace: '', boot: 'b', pid: 1, started: '2' },
}

function internet(plan: Plan): NetworkPlan {
  const [first] = plan.networks
  assert.ok(first !== undefined)
  return first
}

describe('a network of a lab', () => {
  it('gives the host no address and translates nothing, on every engine', () => {
    for (const api of ['1.41', '1.45', '1.48', '1.52', '2.0']) {
      const options = bridgeOptions(parseApiVersion(api))
      assert.equal(options['com.docker.network.bridge.inhibit_ipv4'], 'true', api)
      assert.equal(options['com.docker.network.bridge.enable_ip_masquerade'], 'false', api)
    }
  })

  it('is unprotected from Engine 28 on, and says nothing of it to engines that would refuse', () => {
    for (const api of ['1.41', '1.45', '1.47']) {
      assert.ok(!(GATEWAY_MODE in bridgeOptions(parseApiVersion(api))), api)
    }
    for (const api of ['1.48', '1.52', '2.0']) {
      assert.equal(bridgeOptions(parseApiVersion(api))[GATEWAY_MODE], 'nat-unprotected', api)
    }
  })

  it('is IPv4 only, has the router as its gateway, and carries the labels of its lab', () => {
    const plan = twoClouds(7)
    const east = plan.networks[1]
    assert.ok(east !== undefined)
    const request = networkRequest(east, plan, LAB, parseApiVersion('1.45'))
    assert.equal(request.Name, 'kadlab-abcd-east')
    assert.equal(request.EnableIPv6, false)
    assert.deepEqual(request.IPAM?.Config, [{ Subnet: '10.7.1.0/24', Gateway: '10.7.1.1' }])
    assert.equal(request.Labels?.['kadlab.lab'], 'abcd')
  })

  it('that is the internet has a gateway address that nobody in the plan has', () => {
    const plan = twoClouds(7)
    assert.equal(gatewayAddress(internet(plan), plan), '11.7.0.254')
    const [router] = plan.routers
    assert.ok(router !== undefined)
    router.wan.furtherAddresses = ['11.7.0.254', '11.7.0.253']
    assert.equal(gatewayAddress(internet(plan), plan), '11.7.0.252')
  })

  it('that is too small for a spare address is refused', () => {
    const plan = twoClouds(7)
    const network = { ...internet(plan), subnet: '11.7.0.10/31' }
    assert.throws(() => gatewayAddress(network, plan), {
      name: 'EngineRefusedError',
      message: /11\.7\.0\.10\/31 .*no address to spare/,
    })
  })
})
