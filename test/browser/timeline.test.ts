import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { pairKey } from '#orchestrator/picture/picture.ts'
import { pictureOf } from '#orchestrator/picture/reduce.ts'
import { reportPage } from '#orchestrator/report/report-page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { manyEvents } from '#test/support/many-events.ts'
import { simRun } from '#test/support/sim-run.ts'
import { launchBrowser, openPage } from './browser.ts'

/** What a page does from now on: `window.work` counts it. */
const COUNT_WORK = `
  const work = (window.work = { drawn: 0, moments: 0, changed: 0 })
  for (const name of ['fill', 'stroke', 'fillRect', 'fillText']) {
    const real = CanvasRenderingContext2D.prototype[name]
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      work.drawn += 1
      document.documentElement.dataset.drawn = 'anew'
      return real.apply(this, args)
    }
  }
  const replace = history.replaceState
  history.replaceState = function (...args) {
    work.moments += 1
    return replace.apply(this, args)
  }
  new MutationObserver((all) => (work.changed += all.length)).observe(
    document.querySelector('main'),
    { subtree: true, childList: true, attributes: true, characterData: true },
  )`

interface Work {
  drawn: number
  moments: number
  changed: number
}

function workOf(page: Page): Promise<Work> {
  return page.evaluate<Work>('window.work')
}

describe('the timeline of ten thousand events', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let events: RunEvent[]
  let url: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-timeline-'))
    events = manyEvents((await simRun('compose-cluster', folder.path)).events, 10_000)
    const path = join(folder.path, 'many.html')
    const ndjson = events.map((event) => JSON.stringify(event)).join('\n')
    await writeFile(path, reportPage(await webClient(), 'many', ndjson))
    url = pathToFileURL(path).href
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('shows at a scrubbed moment the matrix that the reducer computes, changing what changed alone', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    const head = events.findIndex(({ type }) => type === 'node-event')
    await page.getByLabel('Moment').fill('5000')
    await page.getByText('5001 of 10000 events').waitFor()
    await page.evaluate(COUNT_WORK)
    for (const at of [5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008]) {
      await page.getByRole('button', { name: 'One event on' }).click()
      await page.getByText(`${at + 1} of 10000 events`).waitFor()
      const [variant] = pictureOf(events.slice(0, head + at + 1)).variants
      assert.ok(variant !== undefined)
      const names = variant.nodes.map(({ plan }) => plan.name)
      const expected = names.flatMap((observer) =>
        names
          .filter((target) => target !== observer)
          .map((target) => variant.cells[pairKey(observer, target)]?.rung ?? '?'),
      )
      const shown = await page.locator('table.matrix a.square b, a.square.dim').allInnerTexts()
      assert.deepEqual(
        shown.map((text) => text.replace(/^[●◐○] /, '')),
        expected,
      )
    }
    const { drawn, moments, changed } = await workOf(page)
    assert.equal(drawn, 0)
    assert.equal(moments, 8)
    // An edge that comes or goes, and a text or two; all links of the page would be twenty for each event.
    assert.ok(changed <= 3 * 8, String(changed))
  })

  it('is played by time, many events a frame', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    await page.getByLabel('Moment').fill('9700')
    await page.getByText('9701 of 10000 events').waitFor()
    await page.evaluate(COUNT_WORK)
    await page.getByRole('button', { name: 'Play' }).click()
    await page.getByText('10000 of 10000 events').waitFor()
    await page.getByRole('button', { name: 'Play' }).waitFor()
    const { drawn, moments } = await workOf(page)
    assert.equal(drawn, 0)
    // Three hundred events take 0.6 seconds: 36 frames of a usual screen.
    assert.ok(moments > 0 && moments < 150, String(moments))
  })

  it('is drawn anew where the page gets another width, and where it gets dark', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    await page.getByText('10000 of 10000 events').waitFor()
    await page.evaluate(COUNT_WORK)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('html[data-drawn]').waitFor()
    await page.evaluate('delete document.documentElement.dataset.drawn')
    await page.setViewportSize({ width: 500, height: 700 })
    await page.locator('html[data-drawn]').waitFor()
    const width = await page.locator('canvas').evaluate((canvas) => canvas.clientWidth)
    assert.ok(width < 500)
  })

  it('leads from an event to the log of its node at that moment, and stays there', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    await page.getByLabel('Moment').fill('4000')
    await page.getByText('4001 of 10000 events').waitFor()
    const [address, name] = [page.url(), await page.locator('.moment a').innerText()]
    await page.locator('.moment a').click()
    await page.locator('h2', { hasText: name.replace('log of ', '') }).waitFor()
    assert.equal(/\?at=\d+$/.exec(page.url())?.[0], /\?at=\d+$/.exec(address)?.[0])
    await page.getByText('4001 of 10000 events').waitFor()
    assert.deepEqual(opened.errors, [])
  })
})
