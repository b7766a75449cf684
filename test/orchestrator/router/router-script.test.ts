import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { UnknownNetworkError } from '#orchestrator/plan/router-addresses.ts'
import { routerSysctls } from '#orchestrator/router/conntrack.ts'
import { compileNft } from '#orchestrator/router/nft.ts'
import { routerScript } from '#orchestrator/router/router-script.ts'
import { presetPlan } from '#test/orchestrator/proof/preset-plan.ts'

const plan = presetPlan({ cloud: { preset: 'one-to-one' }, mobile: { preset: 'cgnat' } })
const [cloud, home, carrier] = plan.routers as [RouterPlan, RouterPlan, RouterPlan]

describe('routerScript', () => {
  it('is a script that a POSIX shell can read', () => {
    for (const router of plan.routers) {
      execFileSync('sh', ['-n'], { input: routerScript(router, plan.networks) })
    }
  })

  it('loads the ruleset before it takes any address', () => {
    const script = routerScript(cloud, plan.networks)
    assert.ok(script.includes(compileNft(cloud, plan.networks)))
    const lines = script.split('\n')
    const load = lines.indexOf('nft -f /run/kadlab.nft')
    const gateway = lines.indexOf('ip addr replace 10.66.1.1/24 dev "$lan"')
    const further = lines.indexOf('ip addr replace 11.66.0.101/32 dev "$wan"')
    assert.ok(load > 0 && load < gateway && gateway < further)
  })

  it('routes to the next router where there is one, and nowhere from the outermost', () => {
    const route = /^ip route replace default via (\S+) /m
    assert.equal(route.exec(routerScript(home, plan.networks))?.[1], carrier.lan.address)
    assert.equal(route.exec(routerScript(carrier, plan.networks)), null)
  })

  it('refuses a router on a network that the plan does not have', () => {
    assert.throws(() => routerScript(cloud, []), UnknownNetworkError)
  })
})

describe('routerSysctls', () => {
  it('ends connections at their times, in whole seconds', () => {
    const sysctls = routerSysctls({
      udpMs: 1500,
      tcpEstablishedMs: 60_000,
      tcpTransitoryMs: 10,
    })
    const conntrack = 'net.netfilter.nf_conntrack'
    assert.equal(sysctls['net.ipv4.ip_forward'], '1')
    assert.equal(sysctls[`${conntrack}_udp_timeout`], '2')
    assert.equal(sysctls[`${conntrack}_udp_timeout_stream`], '2')
    assert.equal(sysctls[`${conntrack}_tcp_timeout_established`], '60')
    assert.equal(sysctls[`${conntrack}_tcp_timeout_syn_sent`], '1')
  })
})
