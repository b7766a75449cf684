import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostLook } from '#orchestrator/fabric/docker/host-look.ts'
import { findWaysOut } from '#orchestrator/fabric/docker/ways-out.ts'
import { twoClouds } from '#test/docker/plans.ts'

const { networks } = twoClouds(7)

const CLEAN: HostLook = {
  ruleset:
    'table ip nat {\n\tchain POSTROUTING {\n\t\tip saddr 172.17.0.0/16 oifname != "docker0" masquerade\n\t}\n}',
  bridgesFiltered: true,
  legacyTables: [],
  addresses:
    '1: lo    inet 127.0.0.1/8 scope host lo\n3: docker0    inet 172.17.0.1/16 scope global',
  routes:
    'default via 192.168.1.1 dev eth0\n10.0.0.0/8 via 192.168.1.9 dev eth0\n172.17.0.0/16 dev docker0',
}

function ways(change: Partial<HostLook>): string[] {
  return findWaysOut({ ...CLEAN, ...change }, networks)
}

describe("a way out of a lab's networks", () => {
  it('is none where the host has no address, no route and no translation for any of them', () => {
    assert.deepEqual(ways({}), [])
  })

  it('is an address of the host on one of them', () => {
    assert.deepEqual(
      ways({ addresses: '9: podman3    inet 10.7.1.1/24 brd 10.7.1.255 scope global' }),
      ['the host has the address 10.7.1.1 on network `east` (podman3)'],
    )
  })

  it('is a route of its own to one of them, and no route to much more', () => {
    assert.deepEqual(ways({ routes: '11.7.0.0/24 dev br-1 proto kernel scope link' }), [
      'the host has a route to network `internet` (11.7.0.0/24 by br-1)',
    ])
    assert.deepEqual(ways({ routes: '11.0.0.0/8 via 192.168.1.9 dev eth0' }), [])
  })

  it('is a rule that translates its addresses', () => {
    const ruleset =
      'table ip nat {\n\tchain POSTROUTING {\n\t\tip saddr 11.7.0.0/24 counter packets 0 bytes 0 jump NETAVARK-1D\n\t}\n}'
    assert.deepEqual(ways({ ruleset }), [
      'the host translates addresses of network `internet` (ip saddr 11.7.0.0/24 jump NETAVARK-1D)',
    ])
    const filter = ruleset.replace('table ip nat', 'table ip filter')
    assert.deepEqual(ways({ ruleset: filter }), [])
  })
})
