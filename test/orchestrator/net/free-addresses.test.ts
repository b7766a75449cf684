import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SubnetFullError, lastFreeAddresses } from '#orchestrator/net/free-addresses.ts'

describe('lastFreeAddresses', () => {
  it('goes down from the top of the subnet and leaves out what is taken', () => {
    assert.deepEqual(lastFreeAddresses('11.0.0.0/24', new Set(['11.0.0.253']), 3), [
      '11.0.0.254',
      '11.0.0.252',
      '11.0.0.251',
    ])
  })

  it("gives neither the subnet's own address nor its broadcast address", () => {
    assert.deepEqual(lastFreeAddresses('192.168.7.4/30', new Set(), 2), [
      '192.168.7.6',
      '192.168.7.5',
    ])
    assert.throws(() => lastFreeAddresses('192.168.7.4/30', new Set(), 3), SubnetFullError)
  })
})
