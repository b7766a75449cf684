import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { serveHttp } from '#node/api/http/serve.ts'
import { serveGateway } from '#node/gateway/gateway.ts'
import { processMetrics } from '#node/gateway/process-metrics.ts'
import type { KadlabNode } from '#node/node.ts'
import { addressOf, createLoopbackNode } from '#test/node/loopback-node.ts'
import { clusterPage } from '../../scripts/pack/page.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

const metrics = { contentType: 'text/plain', metrics: async () => 'kadlab_ready 1\n' }

describe('the page of a cluster, from its gateway', () => {
  const opened = new AsyncDisposableStack()
  let browser: Browser
  let url: string
  let second: KadlabNode

  before(async () => {
    const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-cluster-'))).path
    const serve = async (name: string, node: KadlabNode): Promise<void> => {
      await mkdir(join(folder, name))
      opened.use(node)
      await node.start()
      const listen = { path: join(folder, name, 'api.sock') }
      opened.use(await serveHttp(node.api, { listen, metrics }))
    }
    const first = await createLoopbackNode(1)
    await serve('first', first)
    second = await createLoopbackNode(2, { BOOTSTRAP: await addressOf(first) })
    await serve('second', second)
    const gateway = opened.use(
      await serveGateway({
        listen: { host: '127.0.0.1', port: 0 },
        nodes: folder,
        page: await clusterPage(),
        peerNames: new Map(),
        metrics: processMetrics(),
      }),
    )
    url = `http://${gateway.address}/`
    browser = await launchBrowser()
    opened.defer(() => browser.close())
  })
  after(() => opened.disposeAsync())

  it('says how many are ready, who sees whom, and leads to a pair and to a node', async () => {
    await using watched = await openPage(browser, url)
    const { page } = watched
    await page.locator('h1', { hasText: '✔ 2 of 2 nodes are ready' }).waitFor()
    await page.locator('table.matrix td.good').nth(1).waitFor()
    const text = await page.locator('table.matrix').innerText()
    assert.match(text, /first\s+·\s+● dialable[^]*second\s+● dialable\s+·/)
    await page.locator('svg[role=img] path.lists').nth(1).waitFor({ state: 'attached' })
    await page.locator('table.matrix a.square').first().click()
    await page.locator('main h2', { hasText: 'second at first' }).waitFor()
    await page.goto(`${url}#now/second`)
    await page.getByText('Lists 1 of the 1 that it could').waitFor()
    assert.match(
      await page.locator('main').innerText(),
      /first\s+● dialable\s+outbound, 127\.0\.0\.1:\d+/,
    )
    assert.deepEqual(watched.errors, [])
    assert.ok(watched.requests.every((each) => each.startsWith(url) || each.startsWith('data:')))
  })

  it('fits into 390 pixels', async () => {
    await using watched = await openPage(browser, url, { width: 390, dark: true })
    await watched.page.locator('table.matrix').waitFor()
    assert.ok((await overflow(watched.page)) <= 0)
  })

  it('shows by itself that a node ended', async () => {
    await using watched = await openPage(browser, url)
    await watched.page.locator('h1', { hasText: '2 of 2' }).waitFor()
    await second.stop({ why: 'test' })
    await watched.page.locator('h1', { hasText: '✘ 1 of 2 nodes are ready' }).waitFor()
  })
})
