import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { peerIdFromString } from '@libp2p/peer-id'
import { bucketsOf } from '#orchestrator/picture/buckets.ts'
import type { NodePicture } from '#orchestrator/picture/picture.ts'
import { pictureOf } from '#orchestrator/picture/reduce.ts'
import { simRun } from '#test/support/sim-run.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-buckets-'))
const { events } = await simRun('compose-cluster', folder.path)
const [variant] = pictureOf(events).variants

/** Bits in common, by libp2p's own reading of the ids and bit by bit. */
function sharedBits(one: string, other: string): number {
  const [a, b] = [one, other].map((id) =>
    [...createHash('sha256').update(peerIdFromString(id).toMultihash().bytes).digest()]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join(''),
  )
  let shared = 0
  while (a?.[shared] === b?.[shared]) shared += 1
  return shared
}

function nodeOf(name: string): NodePicture {
  const node = variant?.nodes.find(({ plan }) => plan.name === name)
  assert.ok(node !== undefined)
  return node
}

describe('the k-buckets of a node', () => {
  it('hold each listed node where its place says, and nobody else', () => {
    assert.ok(variant !== undefined)
    let listed = 0
    for (const node of variant.nodes) {
      const buckets = bucketsOf(node, variant)
      for (const bucket of buckets) {
        for (const name of [...bucket.listed, ...bucket.missing]) {
          const { peerId } = nodeOf(name).plan
          assert.equal(bucket.sharedBits, sharedBits(node.plan.peerId, peerId))
        }
        for (const name of bucket.listed) {
          assert.ok(node.peers[nodeOf(name).plan.peerId]?.listed)
          listed += 1
        }
      }
      const bits = buckets.map((bucket) => bucket.sharedBits)
      assert.deepEqual(
        bits,
        [...new Set(bits)].toSorted((one, other) => one - other),
      )
    }
    assert.ok(listed > 2)
  })

  it('miss the servers that are up and not listed, and no client', () => {
    assert.ok(variant !== undefined)
    const [first] = variant.nodes
    assert.ok(first !== undefined)
    const alone: NodePicture = { ...first, peers: {} }
    const missing = bucketsOf(alone, variant).flatMap((bucket) => bucket.missing)
    const servers = variant.nodes.filter(
      ({ mode, plan }) => mode === 'server' && plan !== first.plan,
    )
    assert.deepEqual(missing.toSorted(), servers.map(({ plan }) => plan.name).toSorted())
    const clients = variant.nodes.map((node) => ({ ...node, mode: 'client' as const }))
    assert.deepEqual(bucketsOf(alone, { ...variant, nodes: clients }), [])
  })
})
