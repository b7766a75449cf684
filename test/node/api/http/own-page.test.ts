import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'
import { isOwnPage } from '#node/api/http/own-page.ts'

const asks = (headers: IncomingHttpHeaders, method = 'GET', path = '/v1/status'): boolean =>
  isOwnPage({ method, path, headers })

describe('isOwnPage', () => {
  it('takes every name of this machine, with a port or without', () => {
    const names = ['localhost', '127.0.0.1', '[::1]', '11.0.0.1', 'kadlab.localhost', hostname()]
    for (const host of names) {
      assert.equal(asks({ host }), true, host)
      assert.equal(asks({ host: `${host}:8080` }), true, host)
    }
    assert.equal(asks({}), true, 'HTTP/1.0 names no host')
  })

  it('takes no name that another site may have, with a dot or without', () => {
    const names = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'intranet']
    for (const host of names) {
      assert.equal(asks({ host }), false, host)
      assert.equal(asks({ host: `${host}:8080` }), false, host)
    }
  })

  it('gives metrics to a scraper under any name, and to no page of another site', () => {
    assert.equal(asks({ host: 'api:8080' }, 'GET', '/nodes/cloud-a/metrics'), true)
    assert.equal(asks({ host: 'api:8080' }, 'POST', '/metrics'), false)
    const page = { host: 'evil.example', 'sec-fetch-site': 'same-origin' }
    assert.equal(asks(page, 'GET', '/metrics'), false)
    // Over plain HTTP, under a name that is not this machine's own, a browser says nothing of the site.
    const host = 'evil.example'
    for (const ofBrowser of [
      { 'accept-language': 'en' },
      { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' },
    ]) {
      assert.equal(
        asks({ host, ...ofBrowser }, 'GET', '/metrics'),
        false,
        JSON.stringify(ofBrowser),
      )
    }
    const prometheus = { host, 'user-agent': 'Prometheus/3.5.0', 'accept-encoding': 'gzip' }
    assert.equal(asks(prometheus, 'GET', '/metrics'), true)
  })

  it('lets a page of another site link here, and not ask', () => {
    const host = 'localhost:8080'
    const from = (site: string, mode: string): boolean =>
      asks({ host, 'sec-fetch-site': site, 'sec-fetch-mode': mode })
    assert.equal(from('cross-site', 'navigate'), true)
    for (const mode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
      assert.equal(from('cross-site', mode), false, mode)
    }
    assert.equal(asks({ host, 'sec-fetch-site': 'cross-site' }), false)
    for (const site of ['same-origin', 'same-site', 'none']) {
      assert.equal(from(site, 'cors'), true, site)
    }
  })

  it('takes no request that a page of another origin sends', () => {
    const host = '127.0.0.1:8080'
    assert.equal(asks({ host, origin: 'http://127.0.0.1:8080' }, 'PUT'), true)
    for (const origin of ['http://evil.example', 'http://127.0.0.1:9090', 'null', 'nonsense']) {
      assert.equal(asks({ host, origin }, 'PUT'), false, origin)
    }
  })

  it('answers no link under the name of another site', () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assert.equal(asks({ host: 'evil.example', ...link }), false)
  })
})
