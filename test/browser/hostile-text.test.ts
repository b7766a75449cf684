import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { visible } from '#node/base/visible.ts'
import { serveLivePage } from '#orchestrator/live/live-page.ts'
import { reportPage } from '#orchestrator/report/report-page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { HOSTILE, hostileEvents } from '#test/support/hostile.ts'
import { simRun } from '#test/support/sim-run.ts'
import { launchBrowser, openPage, overflow, type WatchedPage } from './browser.ts'

/** Where the texts of peers stand: the run, a pair, the node that stores a record, at a moment too. */
const PLACES = ['', '#bug', '#bug/A/B', '#fixed/A', '#bug/A?at=40']

/** Holds that a page shows what is hostile as text, and is otherwise as every page is. */
async function assertHarmless({ page, errors }: WatchedPage, place: string): Promise<void> {
  await page.locator('#page', { hasText: '<img src=x onerror=alert(1)>' }).waitFor()
  const text = await page.locator('#page').innerText()
  // Nothing of it hides, and nothing turns the text around it.
  assert.equal(visible(text.replaceAll(/[\n\t]/g, ' ')), text.replaceAll(/[\n\t]/g, ' '), place)
  for (const foreign of ['img', '[onerror]', '[onload]', 'iframe', '#page script, #page style']) {
    assert.equal(await page.locator(foreign).count(), 0, `${place} ${foreign}`)
  }
  const links = await page
    .locator('#page a')
    .evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''))
  assert.ok(links.length > 0 && links.every((href) => href.startsWith('#')), place)
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  assert.ok(height < 5_000, `${place} ${height}`)
  assert.equal(await page.locator('h1').isVisible(), true)
  assert.deepEqual(errors, [], place)
}

describe('what peers say, in a browser', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let events: RunEvent[]

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-hostile-'))
    events = hostileEvents((await simRun('nat-two-nodes', folder.path)).events)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('is text in report.html: keys, agents, addresses, errors and lines of logs', async () => {
    const path = join(folder.path, 'hostile.html')
    const ndjson = events.map((event) => JSON.stringify(event)).join('\n')
    await writeFile(path, reportPage(await webClient(), `hostile ${HOSTILE}`, ndjson))
    for (const place of PLACES) {
      await using opened = await openPage(browser, pathToFileURL(path).href + place)
      await assertHarmless(opened, place)
      assert.equal(await opened.page.locator('script').count(), 2)
      await using narrow = await openPage(browser, pathToFileURL(path).href + place, { width: 390 })
      assert.ok((await overflow(narrow.page)) <= 0, place)
    }
  })

  it('is text on the live page, and never an event of its own', async () => {
    await using live = await serveLivePage(`hostile ${HOSTILE}`)
    for (const event of events) live.onEvent(event)
    for (const place of PLACES) {
      await using opened = await openPage(browser, live.url + place)
      const verdict = place.includes('at=') ? 'is running' : '✔ nat-two-nodes holds on sim'
      await opened.page.locator('h1', { hasText: verdict }).waitFor()
      await assertHarmless(opened, place)
      assert.equal(await opened.page.locator('script').count(), 1)
    }
  })

  it('stands where it belongs: a key among the records, an agent at its node, a line in the log', async () => {
    await using live = await serveLivePage('hostile')
    for (const event of events) live.onEvent(event)
    await using opened = await openPage(browser, `${live.url}#fixed/A`)
    const { page } = opened
    const marked = '"><img src=x onerror=alert(1)>'
    const records = page.getByRole('region', { name: 'Records' })
    await records.locator('th code', { hasText: marked }).first().waitFor()
    await page.locator('.facts', { hasText: `kadlab/0.1.0${marked}` }).waitFor()
    const line = page.getByRole('list', { name: 'Log' }).locator('li').first()
    assert.match(await line.innerText(), /a line "><img[^]*\\u\{202e\}gnidaelsim/)
  })

  it('is text in an address too, whoever made the link', async () => {
    await using live = await serveLivePage('hostile')
    for (const event of events) live.onEvent(event)
    const place = `#${encodeURIComponent('<img src=x onerror=alert(1)>')}/A/B`
    await using opened = await openPage(browser, live.url + place)
    await opened.page.getByText('there is no variant <img src=x onerror=alert(1)>').waitFor()
    assert.equal(await opened.page.locator('img').count(), 0)
    assert.deepEqual(opened.errors, [])
  })

  it('is not read from the live page by a page of another site, nor framed by it', async () => {
    await using live = await serveLivePage('a run')
    for (const event of events) live.onEvent(event)
    const other = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<h1>other</h1><iframe src="${live.url}"></iframe>`)
    })
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      await using opened = await openPage(browser, `http://localhost:${port}/`)
      const { page } = opened
      for (const mode of ['cors', 'no-cors']) {
        const read = await page.evaluate<string>(
          `fetch('${live.url}events', { mode: '${mode}' }).then((r) => 'read ' + r.type, () => 'refused')`,
        )
        assert.equal(read, 'refused', mode)
      }
      const framed = page.frames().find((frame) => frame !== page.mainFrame())
      assert.equal(await framed?.locator('#page').count(), 0)
      assert.ok(opened.errors.some((error) => error.includes('frame-ancestors')))
    } finally {
      other.closeAllConnections()
      other.close()
    }
  })
})
