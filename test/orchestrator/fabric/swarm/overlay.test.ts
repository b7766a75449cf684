import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPlan, nextHop, overlayRequest, ownRange } from '#orchestrator/fabric/swarm/overlay.ts'
import { findStrays } from '#orchestrator/fabric/swarm/strays.ts'
import { twoClouds } from '#test/docker/plans.ts'

const plan = twoClouds(150, 'kadlab')
const [internet, site] = plan.networks
const owner = { host: '', machine: '', pidNamespace: '', boot: '', pid: 1, started: '' }
const lab = { id: 'abcd', scenario: 'two', owner }

describe('an overlay of a lab', () => {
  it('is internal, attachable, and as narrow as VXLAN makes it', () => {
    assert.ok(site)
    const { Driver, Internal, Attachable, Options, EnableIPv6 } = overlayRequest(site, plan, lab)
    assert.deepEqual(
      { Driver, Internal, Attachable, EnableIPv6 },
      { Driver: 'overlay', Internal: true, Attachable: true, EnableIPv6: false },
    )
    assert.deepEqual(Options, { 'com.docker.network.driver.mtu': '1450' })
  })

  it('leaves the router its gateway address, and lets the Swarm number where nobody is', () => {
    assert.ok(site)
    const [config] = overlayRequest(site, plan, lab).IPAM?.Config ?? []
    assert.notEqual(config?.['Gateway'], site.gateway)
    assert.equal(config?.['IPRange'], ownRange(site, plan))
    assert.match(ownRange(site, plan), /\.128\/28$/)
  })

  it('sends what is not on it to the router, and on the internet to nobody', () => {
    assert.ok(internet && site)
    assert.equal(nextHop(site, plan), site.gateway)
    assert.match(nextHop(internet, plan), /\.143$/)
  })

  it('is not made where a router has several outside addresses', () => {
    checkPlan(plan)
    const [router, ...others] = plan.routers
    assert.ok(router)
    const wan = { ...router.wan, furtherAddresses: ['11.9.9.9'] }
    const wide = { ...plan, routers: [{ ...router, wan }, ...others] }
    assert.throws(() => checkPlan(wide), /several outside addresses.*--fabric docker, netns or sim/)
  })
})

describe('what a container says of its interfaces', () => {
  const own = [
    '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
    '42: eth0    inet 10.1.0.10/24 brd 10.1.0.255 scope global eth0',
    'default via 10.1.0.1 dev eth0 ',
    '10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.10 ',
  ]

  it('holds where it has its networks alone', () => {
    assert.deepEqual(findStrays(own, ['10.1.0.0/24']), [])
  })

  it('shows an interface on docker_gwbridge, its route, and a default route by it', () => {
    const strays = [
      '44: eth1    inet 172.18.0.3/16 brd 172.18.255.255 scope global eth1',
      '172.18.0.0/16 dev eth1 proto kernel scope link src 172.18.0.3 ',
      'default via 172.18.0.1 dev eth1 ',
    ]
    assert.deepEqual(findStrays([...own, ...strays], ['10.1.0.0/24']), strays)
  })
})
