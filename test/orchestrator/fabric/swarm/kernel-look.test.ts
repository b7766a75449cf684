import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whatKernelLacks } from '#orchestrator/fabric/swarm/kernel-look.ts'

const ALL = ['nat', 'conntrack', 'vxlan']

function lacks(...trials: string[]): string | null {
  const worked = ALL.filter((trial) => !trials.includes(trial))
  return whatKernelLacks('ssh://vm-2', new Map(worked.map((trial) => [trial, 'yes'])))
}

describe('the kernel of an engine', () => {
  it('lacks nothing where every trial worked', () => {
    assert.equal(lacks(), null)
  })

  it('without a module is named with its engine, and what to load there', () => {
    assert.equal(
      lacks('vxlan'),
      'The kernel of the engine ssh://vm-2 cannot do vxlan: load there vxlan (modprobe).',
    )
    assert.equal(
      lacks('conntrack'),
      'The kernel of the engine ssh://vm-2 cannot do conntrack: load there nf_conntrack, nf_conntrack_netlink (modprobe).',
    )
  })

  it('that lacks several is told all of them at once', () => {
    const text = lacks(...ALL) ?? ''
    assert.match(
      text,
      /cannot do nat, conntrack, vxlan: load there nf_tables, .*, vxlan \(modprobe\)/,
    )
  })
})
