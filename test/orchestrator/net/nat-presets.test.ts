import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isNatPresetName, NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'

describe('a NAT preset', () => {
  it('names devices that behave so, each with a source, where there is a router', () => {
    for (const [name, { routers, seenAt }] of Object.entries(NAT_PRESETS)) {
      assert.equal(seenAt.length > 0, routers.length > 0, name)
      for (const { what, source } of seenAt) {
        assert.ok(what !== '', name)
        assert.equal(new URL(source).protocol, 'https:', source)
      }
    }
  })

  it('is known by its name alone', () => {
    assert.equal(isNatPresetName('symmetric'), true)
    assert.equal(isNatPresetName('toString'), false)
  })
})
