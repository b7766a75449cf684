import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LINK_PRESETS, isLinkPresetName } from '#orchestrator/net/link-presets.ts'

describe('link presets', () => {
  for (const [name, { link }] of Object.entries(LINK_PRESETS)) {
    it(`keeps ${name} within what a link can be`, () => {
      assert.ok(isLinkPresetName(name))
      assert.ok(link.latencyMs >= 0 && link.jitterMs >= 0 && link.jitterMs <= link.latencyMs)
      assert.ok(link.rateBps === null || link.rateBps > 0)
      assert.ok(link.loss >= 0 && link.loss < 1)
    })
  }

  it('knows no name that is not in the table', () => {
    assert.ok(!isLinkPresetName('toString'))
  })
})
