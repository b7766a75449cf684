import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PortPool } from '#orchestrator/fabric/sim/nat-ports.ts'

/** A source of numbers that always draws the same one. */
function always(port: number) {
  return { fraction: () => 0, integer: () => port }
}

describe('port pool', () => {
  it('does not give the inside port by chance where ports are random', () => {
    assert.equal(new PortPool('random', always(3000)).take('udp', 3000), 3001)
  })

  it('gives every port once, and none when all are taken', () => {
    const pool = new PortPool('preserve', always(65_535))
    const ports = Array.from({ length: 100 }, () => pool.take('tcp', 3000))
    assert.equal(new Set(ports).size, 100)
    for (let port = 1024; port <= 65_535; port++) pool.reserve('tcp', port)
    assert.equal(pool.take('tcp', 3000), null)
    assert.equal(pool.take('udp', 3000), 3000)
    pool.release('tcp', 5000)
    assert.equal(pool.take('tcp', 3000), 5000)
  })
})
