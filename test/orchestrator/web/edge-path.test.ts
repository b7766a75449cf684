import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { pictureOf } from '#orchestrator/picture/reduce.ts'
import { type EdgePath, edgePath, pathText, type Point } from '#orchestrator/web/edge-path.ts'
import { HEAD, layout } from '#orchestrator/web/layout.ts'
import { simRun } from '#test/support/sim-run.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-edges-'))
const { events } = await simRun('compose-cluster', folder.path)
const [variant] = pictureOf(events).variants
assert.ok(variant !== undefined)

/** Four sites, each with so many nodes as one has. */
function crowded(variant: VariantPicture, times: number): VariantPicture {
  const nodes = variant.nodes.flatMap((node) =>
    Array.from({ length: times }, (_, at) => ({
      ...node,
      plan: { ...node.plan, name: `${node.plan.name}-${at}` },
    })),
  )
  return { ...variant, nodes }
}

/** Points along a path, a few pixels apart. */
function sampled({ isCurve, points }: EdgePath): Point[] {
  const pieces = isCurve
    ? [points]
    : points.slice(1).map((end, index) => [points[index] ?? end, end])
  return pieces.flatMap((piece) =>
    Array.from({ length: 201 }, (_, step) => {
      const share = step / 200
      const [first, middle, last = middle] = piece
      assert.ok(first !== undefined && middle !== undefined && last !== undefined)
      const between = (axis: 0 | 1): number =>
        piece.length === 2
          ? first[axis] * (1 - share) + middle[axis] * share
          : first[axis] * (1 - share) ** 2 +
            middle[axis] * 2 * share * (1 - share) +
            last[axis] * share ** 2
      return [between(0), between(1)] as const
    }),
  )
}

describe('the edges of the topology', () => {
  for (const width of [280, 350, 640, 1240]) {
    for (const times of [1, 5]) {
      it(`run through no heading of a site and stay inside: ${width} pixels, ${times} a site`, () => {
        const place = layout(crowded(variant, times), width)
        for (const from of place.nodes) {
          for (const to of place.nodes) {
            if (from === to) continue
            for (const bend of [0, 1] as const) {
              for (const lane of [0, 1, 2, 3, 4, 5, 30]) {
                const says = `${from.node.name} to ${to.node.name}, ${bend}, ${lane}`
                for (const [x, y] of sampled(edgePath(place, from, to, { bend, lane }))) {
                  assert.ok(x >= 0 && x <= width && y >= 0 && y <= place.height, says)
                  const crossed = place.sites.find(
                    (site) =>
                      x > site.x && x < site.x + site.width && y > site.y && y < site.y + HEAD - 8,
                  )
                  assert.equal(crossed?.name, undefined, says)
                }
              }
            }
          }
        }
      })
    }
  }

  it('end at the box that they lead to', () => {
    const place = layout(variant, 350)
    const [from, to] = place.nodes
    assert.ok(from !== undefined && to !== undefined)
    const { points } = edgePath(place, from, to, { bend: 1, lane: 0 })
    const [x, y] = points.at(-1) ?? [0, 0]
    assert.equal(x, to.x + 134)
    assert.ok(y > to.y && y < to.y + 46)
  })

  it('are written with round corners, and without what does not turn', () => {
    const points = [
      [0, 0],
      [0, 20],
      [30, 20],
    ] as const
    assert.equal(pathText({ isCurve: false, points }), 'M0,0 L0,15 Q0,20 5,20 L30,20')
  })
})
