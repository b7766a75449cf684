import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { agentOf, VERSION } from '#node/base/version.ts'
import { parseConfig } from '#node/config/config.ts'

describe('agentOf', () => {
  it('tells the version alone where no build is named', () => {
    assert.equal(agentOf(parseConfig({}).build), `kadlab/${VERSION}`)
  })

  it('tells the build that BUILD names, as build metadata', () => {
    assert.equal(agentOf(parseConfig({ BUILD: 'ab12cd' }).build), `kadlab/${VERSION}+ab12cd`)
  })

  it('refuses a build that would break the agent version apart', () => {
    assert.throws(() => parseConfig({ BUILD: 'a+b c' }), { name: 'ConfigError' })
  })
})
