import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPrivateIp } from '@libp2p/utils'
import { contains, formatAddress, parseCidr } from '#orchestrator/net/addresses.ts'
import { NOT_PUBLIC } from '#orchestrator/net/reserved.ts'

const ranges = NOT_PUBLIC.map((text) => {
  const range = parseCidr(text)
  assert.ok(range !== null, text)
  return range
})
const MULTICAST = parseCidr('224.0.0.0/4')

function looksPublic(address: number): boolean {
  return !ranges.some((range) => contains(range, address))
}

/** The first address but one of each network of this prefix within `base`. */
function* samples(base: number, size: number, step: number): Generator<number> {
  for (let address = base; address < base + size; address += step) yield address + 1
}

describe('the ranges that do not look public', () => {
  it("are libp2p's, and multicast", () => {
    assert.ok(MULTICAST !== null)
    const small = [
      '192.0.0.0/16',
      '192.31.0.0/16',
      '192.52.0.0/16',
      '192.88.0.0/16',
      '192.175.0.0/16',
      '198.51.0.0/16',
      '203.0.0.0/16',
    ].flatMap((text) => {
      const range = parseCidr(text)
      return range === null ? [] : [...samples(range.base, 2 ** 16, 2 ** 8)]
    })
    for (const address of [...samples(0, 2 ** 32, 2 ** 16), ...small]) {
      const text = formatAddress(address)
      const expected: boolean = isPrivateIp(text) !== true && !contains(MULTICAST, address)
      assert.equal(looksPublic(address), expected, text)
    }
  })
})
