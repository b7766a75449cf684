import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  type Cidr,
  contains,
  formatAddress,
  formatCidr,
  freeSubnet,
  networkOf,
  overlaps,
  parseAddress,
  parseCidr,
  sizeOf,
} from '#orchestrator/net/addresses.ts'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const cidr = fc.tuple(address, fc.integer({ min: 8, max: 30 })).map(([base, prefix]): Cidr => {
  const size = 2 ** (32 - prefix)
  return { base: Math.floor(base / size) * size, prefix }
})

describe('IPv4 addresses and networks', () => {
  it('reads back every address and network that it writes', () => {
    fc.assert(fc.property(address, (value) => parseAddress(formatAddress(value)) === value))
    fc.assert(
      fc.property(cidr, (value) => {
        assert.deepEqual(parseCidr(formatCidr(value)), value)
      }),
    )
  })

  it('takes nothing else for an address or a network', () => {
    for (const text of ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.-4', 'a.b.c.d']) {
      assert.equal(parseAddress(text), null, text)
    }
    for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.1/24', '10.0.0.0/24/1', '10.0.0.0/x']) {
      assert.equal(parseCidr(text), null, text)
    }
  })

  it('finds the network of an address that is not the first of it', () => {
    assert.deepEqual(networkOf('10.1.2.3/16'), parseCidr('10.1.0.0/16'))
    assert.deepEqual(networkOf('10.1.2.3'), parseCidr('10.1.2.3/32'))
    assert.equal(networkOf('fe80::/64'), null)
  })

  it('says that networks overlap exactly where they have an address in common', () => {
    fc.assert(
      fc.property(cidr, cidr, (one, other) => {
        const first = Math.max(one.base, other.base)
        const last = Math.min(one.base + sizeOf(one), other.base + sizeOf(other))
        assert.equal(overlaps(one, other), first < last)
      }),
    )
  })
})

describe('a free subnet', () => {
  const pool = parseCidr('10.0.0.0/8') as Cidr
  const inPool = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 24 - 1 }), fc.integer({ min: 9, max: 29 }))
    .map(([offset, prefix]): Cidr => {
      const size = 2 ** (32 - prefix)
      return { base: pool.base + Math.floor(offset / size) * size, prefix }
    })

  it('is the wished one where nobody has it', () => {
    fc.assert(
      fc.property(inPool, fc.array(inPool), (wished, others) => {
        const taken = others.filter((other) => !overlaps(other, wished))
        assert.deepEqual(freeSubnet(wished, taken, pool), wished)
      }),
    )
  })

  it('has the wished size, lies in the pool and touches no taken network', () => {
    fc.assert(
      fc.property(inPool, fc.array(inPool, { maxLength: 40 }), (wished, taken) => {
        const found = freeSubnet(wished, taken, pool)
        if (found === null) return
        assert.equal(found.prefix, wished.prefix)
        assert.equal(found.base % sizeOf(found), 0)
        assert.ok(contains(pool, found.base) && contains(pool, found.base + sizeOf(found) - 1))
        assert.ok(!taken.some((other) => overlaps(other, found)))
      }),
    )
  })

  it('is found wherever one is left: of a full pool with one hole, the hole', () => {
    const small = parseCidr('10.0.0.0/20') as Cidr
    const blocks = Array.from({ length: 16 }, (_, index) => parseCidr(`10.0.${index}.0/24`) as Cidr)
    fc.assert(
      fc.property(fc.nat(15), fc.nat(15), (hole, wish) => {
        const taken = blocks.filter((_, index) => index !== hole)
        assert.deepEqual(freeSubnet(blocks[wish] as Cidr, taken, small), blocks[hole])
        assert.equal(freeSubnet(blocks[wish] as Cidr, blocks, small), null)
      }),
    )
  })
})
