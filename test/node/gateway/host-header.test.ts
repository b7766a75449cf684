import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isOwnPage } from '#node/gateway/host-header.ts'

describe('isOwnPage', () => {
  it('takes every name of this machine, with a port or without', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '11.0.0.1', 'api', 'kadlab.localhost']) {
      assert.equal(isOwnPage({ host }), true, host)
      assert.equal(isOwnPage({ host: `${host}:8080` }), true, host)
    }
    assert.equal(isOwnPage({}), true, 'HTTP/1.0 names no host')
  })

  it('takes no name that another site may have', () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      assert.equal(isOwnPage({ host }), false, host)
      assert.equal(isOwnPage({ host: `${host}:8080` }), false, host)
    }
  })

  it('lets a page of another site link here, and not ask', () => {
    const host = 'localhost:8080'
    const from = (site: string, mode: string): boolean =>
      isOwnPage({ host, 'sec-fetch-site': site, 'sec-fetch-mode': mode })
    assert.equal(from('cross-site', 'navigate'), true)
    for (const mode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
      assert.equal(from('cross-site', mode), false, mode)
    }
    assert.equal(isOwnPage({ host, 'sec-fetch-site': 'cross-site' }), false)
    for (const site of ['same-origin', 'same-site', 'none']) {
      assert.equal(from(site, 'cors'), true, site)
    }
  })

  it('answers no link under the name of another site', () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assert.equal(isOwnPage({ host: 'evil.example', ...link }), false)
  })
})
