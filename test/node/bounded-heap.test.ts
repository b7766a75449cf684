import { equal, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

/** 150,000 objects are in use, and 20 times as many are made and thrown away after each has lived for long. */
const CHURN = `
const ring = new Array(150_000)
let most = 0
let inUse = 0
for (let index = 0; index < 20 * ring.length; index += 1) {
  ring[index % ring.length] = { index, text: [index, index] }
  if (index === ring.length) {
    gc()
    inUse = process.memoryUsage().heapUsed
  }
  if (index % 10_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed)
}
console.log(JSON.stringify({ inUse, most }))
`

describe('boundHeap', () => {
  it('keeps garbage that has lived for long from growing the heap to several times of what is in use', () => {
    const setUp = `(await import('#node/bounded-heap.ts')).boundHeap();`
    const { inUse, most } = churn(setUp)
    ok(most < 2 * inUse, `${most} of ${inUse} in use`)
  })
  it('is what V8 does not do by itself', () => {
    const { inUse, most } = churn('')
    ok(most > 2 * inUse, `${most} of ${inUse} in use`)
  })
})

function churn(setUp: string): { inUse: number; most: number } {
  const words = ['--max-semi-space-size=1', '--expose-gc', '--input-type=module', '-e']
  const { stdout, stderr, status } = spawnSync(process.execPath, [...words, setUp + CHURN], {
    encoding: 'utf8',
  })
  equal(status, 0, stderr)
  return JSON.parse(stdout) as { inUse: number; most: number }
}
