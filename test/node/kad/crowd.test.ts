import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AddressGroup } from '#node/judgement/address-group.ts'
import { pickDiverse } from '#node/kad/crowd.ts'

interface Each {
  name: string
  at: AddressGroup[]
}

const on = (host: string): AddressGroup => ({ host, network: host.replace(/\.\d+$/, '.0/24') })
const peers = (prefix: string, many: number, at: (index: number) => AddressGroup[]): Each[] =>
  Array.from({ length: many }, (_, index) => ({ name: `${prefix}${index}`, at: at(index) }))
const pick = (closestFirst: Each[], options: { fill?: boolean } = {}) => {
  const picked = pickDiverse(closestFirst, { count: 20, whereIs: ({ at }) => at, ...options })
  return {
    chosen: picked.chosen.map(({ name }) => name),
    witnesses: picked.witnesses.map(({ name }) => name),
  }
}

const names = (prefix: string, many: number): string[] =>
  Array.from({ length: many }, (_, index) => `${prefix}${index}`)
const sybils = peers('s', 100, () => [on('12.6.6.6')])
const honest = peers('h', 30, (index) => [on(`11.${index}.0.1`)])

describe('the peers closest to a place', () => {
  it('are a quarter of one host at most, and the others are the witnesses', () => {
    const { chosen, witnesses } = pick([...sybils, ...honest])
    deepEqual(chosen, [...names('s', 5), ...names('h', 15)])
    deepEqual(witnesses, names('h', 15))
  })

  it('are fewer than half of one network', () => {
    const ofNetwork = peers('n', 100, (index) => [on(`12.6.6.${index}`)])
    const { chosen, witnesses } = pick([...ofNetwork, ...honest])
    deepEqual(chosen, [...names('n', 9), ...names('h', 11)])
    deepEqual(witnesses, names('h', 11))
  })

  it('are whoever there is where all are of one network, or few are not', () => {
    const ofNetwork = peers('n', 100, (index) => [on(`12.6.6.${index}`)])
    equal(pick(ofNetwork).witnesses.length, 20)
    const { chosen, witnesses } = pick([...ofNetwork, ...honest.slice(0, 2)])
    deepEqual(chosen, [...names('n', 18), 'h0', 'h1'])
    deepEqual(witnesses, chosen)
  })

  it('are the closest where nobody says where they are, as in one’s own network', () => {
    const own = peers('o', 100, () => [])
    deepEqual(pick([...own, ...honest]).witnesses, names('o', 20))
  })

  it('take of a crowd what nobody else takes, where that is asked for', () => {
    const { chosen, witnesses } = pick([...sybils, ...honest.slice(0, 4)], { fill: true })
    deepEqual(chosen, [...names('s', 16), ...names('h', 4)])
    deepEqual(witnesses, names('h', 4))
  })

  it('count one that names several places in each of them', () => {
    const liars = peers('l', 20, (index) => [on('12.6.6.6'), on(`13.${index}.0.1`)])
    equal(pick([...liars, ...honest]).chosen.filter((name) => name.startsWith('l')).length, 5)
  })
})
