import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Measured } from '../../../../scripts/bench/kv/measure.ts'
import { ratios } from '../../../../scripts/bench/kv/ratios.ts'

const times = (p50: number) => ({ count: 1, p50, p99: 2 * p50 })

function measured(program: Measured['program'], ms: number, peers = 8): Measured {
  const sequence = {
    put: times(ms),
    get: times(ms),
    getFar: times(ms),
    getNone: times(ms),
    wrong: 0,
  }
  return {
    program,
    peers,
    joinedMs: ms,
    sequence,
    oneStopped: { ...sequence, put: times(3 * ms) },
    parallel: { perSecond: 1000 / ms, cpuMsPerCall: 1, residentBytes: 1, failed: 0 },
  }
}

const ratioOf = (figures: ReturnType<typeof ratios>, name: string) =>
  figures.find((each) => each.name === name)

describe('ratios', () => {
  it('hold each of our figures against the same of go, and say whether the target is met', () => {
    const figures = ratios([measured('kadlab', 30), measured('go-kv', 10)])
    const put = ratioOf(figures, '8 peers: put p50 / go')
    assert.deepEqual([put?.median, put?.target, put?.met], [3, 2, false])
  })

  it('turn round what should be great', () => {
    const figures = ratios([measured('kadlab', 30), measured('go-kv', 10)])
    const calls = ratioOf(figures, '8 peers: calls a second, 64 in flight: go / kadlab')
    assert.deepEqual([calls?.median, calls?.met], [3, false])
  })

  it('hold a stopped peer against our own figures, also where nothing else was measured', () => {
    const figures = ratios([measured('kadlab', 30)])
    const stopped = ratioOf(figures, '8 peers: put p99 with one peer stopped / without')
    assert.deepEqual([stopped?.median, stopped?.met], [3, false])
    assert.equal(figures.length, 2)
  })

  it('compare equal numbers of peers only', () => {
    const figures = ratios([measured('kadlab', 30, 24), measured('go-kv', 10, 8)])
    assert.equal(ratioOf(figures, '24 peers: put p50 / go'), undefined)
  })
})
