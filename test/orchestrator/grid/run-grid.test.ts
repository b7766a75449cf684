import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '#node/view/cell.ts'
import { createStyle } from '#node/view/style.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { gridLines } from '#orchestrator/grid/grid-text.ts'
import { pointPlan, runGrid } from '#orchestrator/grid/run-grid.ts'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { type GridAxes, planesOf, pointKey } from '#orchestrator/picture/grid.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'

const all = Object.keys(NAT_PRESETS) as NatPresetName[]
const axes: GridAxes = {
  natA: all,
  natB: all,
  announce: ['none', 'public'],
  mode: ['server', 'client'],
  fabric: ['sim'],
}
const options = {
  seed: 1,
  signal: new AbortController().signal,
  fabrics: new Map([['sim', createSimFabric()] as const]),
}
const counts: number[] = []
const report = await runGrid(axes, {
  ...options,
  onCell: (_cell, done, count) => counts.push(done, count),
})

function ignore(): void {}

function standing(cell: Pick<Cell, 'rung' | 'cause'> | null): string {
  return cell === null ? 'nothing' : `${cell.rung} ${cell.cause}`
}

describe('the grid of a pair', () => {
  it('has 256 cells, each told as it came', () => {
    assert.equal(report.cells.length, 256)
    assert.deepEqual(counts.slice(-2), [256, 256])
  })

  it('agrees with the ground truth of each plan, both ways', () => {
    const wrong = report.cells.flatMap((cell) => {
      const plan = pointPlan(cell, 1)
      const [variant] = plan.variants
      assert.ok(variant !== undefined)
      return trueCells(plan, variant)
        .map((truth) => ({ truth, seen: truth.observer === 'A' ? cell.bAtA : cell.aAtB }))
        .filter(({ truth, seen }) => standing(truth) !== standing(seen))
        .map(({ truth, seen }) => `${pointKey(cell)}: ${standing(truth)}, seen ${standing(seen)}`)
    })
    assert.deepEqual(wrong, [])
  })

  it('is the same for the same seed', async () => {
    const few: GridAxes = { ...axes, natA: ['public', 'cgnat'], natB: ['symmetric'] }
    const [one, other] = [
      await runGrid(few, { ...options, onCell: ignore }),
      await runGrid(few, { ...options, onCell: ignore }),
    ]
    assert.deepEqual(one, other)
    const same = report.cells.filter(
      ({ natA, natB }) => few.natA.includes(natA) && few.natB.includes(natB),
    )
    assert.deepEqual(one.cells.map(pointKey).toSorted(), same.map(pointKey).toSorted())
  })

  it('has the field report in it, with its remedy', () => {
    const cell = report.cells.find(
      (each) => pointKey(each) === 'one-to-one/one-to-one/none/server/sim',
    )
    assert.equal(cell?.bAtA?.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.match(cell?.bAtA?.remedy?.set ?? '', /^PUBLIC_IP=11\./)
    assert.equal(cell?.aAtB?.rung, 'dialable')
  })

  it('falls into planes, whose squares stand where their NATs say', () => {
    const planes = planesOf(report)
    assert.equal(planes.length, 4)
    for (const { rows, announce, mode } of planes) {
      for (const { natA, cells } of rows) {
        assert.deepEqual(
          cells.map((cell) => cell && [cell.natA, cell.natB, cell.announce, cell.mode]),
          all.map((natB) => [natA, natB, announce, mode]),
        )
      }
    }
    assert.deepEqual(planesOf({ axes, cells: [] })[0]?.rows[0]?.cells[0], null)
  })

  it('reads as text: a sign and a letter for each way, and what the letters mean', () => {
    const text = gridLines(report, 100, createStyle(false)).join('\n')
    assert.match(text, /^one-to-one {10}●  ● {4}○a ●/m)
    assert.match(text, /^ {2}a ONLY_PRIVATE_ADDRESSES$/m)
    assert.match(text, /^cgnat .*behind a carrier[^]*Starlink/m)
  })

  it('ends where it is given up', async () => {
    const given = AbortSignal.abort(new Error('enough'))
    await assert.rejects(runGrid(axes, { ...options, signal: given, onCell: ignore }), /enough/)
  })
})
