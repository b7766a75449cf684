import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { pairKey } from '#orchestrator/picture/picture.ts'
import { pictureOf } from '#orchestrator/picture/reduce.ts'
import { reportPage } from '#orchestrator/report/report-page.ts'
import { webClient } from '#orchestrator/report/web-client.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { manyEvents } from '#test/support/many-events.ts'
import { type SimRun, simRun } from '#test/support/sim-run.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

describe('report.html, opened as a file', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let run: SimRun
  let url: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-browser-'))
    run = await simRun('nat-two-nodes', folder.path)
    url = pathToFileURL(join(run.path, 'report.html')).href
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  /** A page of other events, as the report would have it. */
  async function pageOf(events: readonly RunEvent[], name: string): Promise<string> {
    const ndjson = events.map((event) => JSON.stringify(event)).join('\n')
    const path = join(folder.path, `${name}.html`)
    await writeFile(path, reportPage(await webClient(), name, ndjson))
    return pathToFileURL(path).href
  }

  it('says the verdict first, then variants side by side, the matrix and the steps, and asks nobody', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    assert.equal(await page.locator('h1').innerText(), '✔ nat-two-nodes holds on sim')
    const side = await page.locator('table.side').innerText()
    assert.match(side, /bug\s+client\s+fixed/)
    assert.match(
      side,
      /B at A\s+◌ speaks-kademlia\s+ONLY_PRIVATE_ADDRESSES\s+◌ identified\s+CLIENT_MODE\s+● dialable/,
    )
    assert.match(await page.locator('table.matrix').innerText(), /A\s+·\s+◌ speaks-kademlia/)
    assert.match(
      await page.locator('.steps').innerText(),
      /✔\s+A does not list B: ONLY_PRIVATE_ADDRESSES/,
    )
    assert.match(
      await page.locator('.topology').innerText(),
      /internet 11\.0\.0\.0\/24[^]*one-to-one 11\.0\.0\.12/,
    )
    assert.equal(await page.locator('svg[role=img] path.lists').count(), 1)
    assert.deepEqual(opened.errors, [])
    assert.deepEqual(
      opened.requests.filter((each) => each !== url && !each.startsWith('data:')),
      [],
    )
  })

  it('is printed whole on a sheet, whatever the window was', async () => {
    const long = await pageOf(manyEvents(run.events, 200), 'long')
    for (const place of ['', '#bug/A', '#bug/A/B']) {
      await using opened = await openPage(browser, `${long}${place}`)
      const { page } = opened
      await page.emulateMedia({ media: 'print' })
      // A4 without its margins.
      await page.setViewportSize({ width: 718, height: 1047 })
      assert.equal(await overflow(page), 0, place)
      const clipped = await page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
        .filter((each) => getComputedStyle(each).overflow !== 'visible' && each instanceof HTMLElement)
        .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
        .map((each) => each.outerHTML.slice(0, 80))`)
      assert.deepEqual(clipped, [], place)
    }
  })

  it('leads from a square to its pair: ladder, cause, evidence, a remedy to copy, the events', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    await page.locator('table.matrix a.square', { hasText: 'ONLY_PRIVATE_ADDRESSES' }).click()
    await page.locator('main h2', { hasText: 'B at A' }).waitFor()
    assert.match(page.url(), /#bug\/A\/B$/)
    assert.match(
      await page.locator('[aria-current=step]').innerText(),
      /speaks-kademlia stands here/,
    )
    const rungs = await page.locator('.ladder b').allInnerTexts()
    assert.deepEqual(rungs.toReversed(), [
      '– unknown',
      '● connected',
      '● identified',
      '● speaks-kademlia',
      '○ addressable',
      '○ listed',
      '○ dialable',
    ])
    // What is left behind looks like nothing that was achieved.
    const colors = await page
      .locator('.ladder b')
      .evaluateAll((all) => all.map((each) => getComputedStyle(each).color))
    assert.notEqual(colors[6], colors[5])
    const why = await page.locator('.why').innerText()
    assert.match(why, /every address that B announces is private/)
    assert.match(why, /A sees it come from 11\.0\.0\.12:\d+/)
    assert.match(why, /PUBLIC_IP=11\.0\.0\.12 on B/)
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.match(await page.locator('.events').innerText(), /B connects to A at 11\.0\.0\.11:3000/)
    assert.deepEqual(opened.errors, [])
  })

  it('shows a node: its addresses with where they come from, and its peers', async () => {
    await using opened = await openPage(browser, `${url}#bug/A`)
    const text = await opened.page.locator('main').innerText()
    assert.match(text, /10\.1\.0\.10:3000 announced, listens/)
    assert.match(text, /11\.0\.0\.11:3000 observed by others, confirmed: a dial succeeded/)
    assert.match(text, /Lists 0 of the 1 that it could[^]*bits? shared\s+○ B/)
    assert.match(text, /B\s+◌ speaks-kademlia\s+inbound, 11\.0\.0\.12:\d+\s+not listed/)
  })

  it('shows at a moment the very matrix that the events up to it make', async () => {
    await using opened = await openPage(browser, `${url}#bug`)
    const { page } = opened
    const inBug = run.events.flatMap((event, index) =>
      event.type === 'node-event' && event.variant === 'bug' ? [index] : [],
    )
    let differed = 0
    for (const at of [3, 12, 14, 17, 19, 21]) {
      await page.getByLabel('Moment').fill(String(at))
      const count = (inBug[at] ?? 0) + 1
      await page.waitForURL((each) => each.hash === `#bug?at=${count}`)
      const cells = pictureOf(run.events.slice(0, count)).variants[0]?.cells ?? {}
      const expected = [pairKey('A', 'B'), pairKey('B', 'A')].map((key) => cells[key]?.rung ?? '?')
      const shown = await page.locator('table.matrix a.square').allInnerTexts()
      assert.deepEqual(
        shown.map((text) => /[a-z-]{4,}|\?/.exec(text)?.[0]),
        expected,
      )
      if (expected.includes('?')) differed += 1
    }
    assert.ok(differed > 0 && differed < 6)
  })

  it('tells an arrow to who is only listed from one to who can be dialled without colours', async () => {
    const listed = run.events.findIndex(
      (event) => event.type === 'node-event' && event.event.event === 'listed',
    )
    const looks: string[][] = []
    for (const place of [`#bug?at=${listed + 1}`, '#bug']) {
      await using opened = await openPage(browser, url + place)
      const arrow = opened.page.locator('.topology svg[role=img] path.lists')
      looks.push([
        await arrow.evaluate((path) => getComputedStyle(path).strokeDasharray),
        (await arrow.locator('title').textContent()) ?? '',
        (await arrow.getAttribute('marker-end')) ?? '',
      ])
    }
    assert.deepEqual(looks, [
      ['8px, 4px', 'B lists A', 'url(#tip-half)'],
      ['none', 'B lists A, and can dial it', 'url(#tip-good)'],
    ])
  })

  it('steps and plays by the keyboard', async () => {
    await using opened = await openPage(browser, `${url}#bug`)
    const { page } = opened
    await page.getByRole('button', { name: 'One event back' }).press('Enter')
    await page.getByText('25 of 26 events').waitFor()
    await page.getByLabel('Moment').press('Home')
    await page.getByText('1 of 26 events').waitFor()
    await page.getByRole('button', { name: 'Play' }).press('Enter')
    await page.getByText('26 of 26 events').waitFor()
  })

  it('takes what peers say as text, never as markup', async () => {
    const evil = `"><img src=x onerror=alert(1)><script>alert(2)</script></script><!--`
    const hostile = JSON.parse(
      JSON.stringify(run.events, (key, value: unknown) =>
        ['agent', 'why', 'title', 'text'].includes(key) && typeof value === 'string'
          ? `${value}${evil}`
          : value,
      ),
    ) as RunEvent[]
    const address = await pageOf(hostile, 'hostile')
    for (const place of ['', '#bug/A/B', '#bug/A']) {
      await using opened = await openPage(browser, address + place)
      const { page } = opened
      assert.equal(await page.locator('img').count(), 0, place)
      assert.equal(await page.locator('script').count(), 2, place)
      assert.ok((await page.locator('#page').innerText()).includes('<img src=x'), place)
      assert.deepEqual(opened.errors, [], place)
    }
  })

  it('says what fell, and what was expected, in a red report', async () => {
    const red = JSON.parse(
      JSON.stringify(run.events).replaceAll('"holds":true', '"holds":false'),
    ) as RunEvent[]
    await using opened = await openPage(browser, await pageOf(red, 'red'))
    const text = await opened.page.locator('header').innerText()
    assert.match(text, /✘ nat-two-nodes does not hold on sim/)
    assert.match(text, /bug: B lists A[^]*expected listed, saw listed/)
  })

  it('has words for an empty report and for a run that failed', async () => {
    await using empty = await openPage(browser, await pageOf([], 'empty'))
    assert.match(await empty.page.locator('#page').innerText(), /An empty report/)
    assert.deepEqual(empty.errors, [])
    const failed: RunEvent[] = [
      ...run.events.slice(0, 3),
      {
        type: 'run-failed',
        error: { name: 'FabricError', message: 'no engine' },
        exitCode: 3,
        atMs: 5,
      },
    ]
    await using broken = await openPage(browser, await pageOf(failed, 'failed'))
    const text = await broken.page.locator('#page').innerText()
    assert.match(text, /✘ nat-two-nodes came to no verdict on sim[^]*FabricError: no engine/)
    assert.match(text, /No variant has begun\./)
  })

  for (const place of ['', '#bug/A/B', '#bug/A']) {
    it(`fits into 390 pixels, dark too: ${place}`, async () => {
      await using opened = await openPage(browser, url + place, { width: 390, dark: true })
      assert.ok((await overflow(opened.page)) <= 0)
      const back = await opened.page.evaluate<string>(
        'getComputedStyle(document.documentElement).backgroundColor',
      )
      assert.equal(back, 'rgb(20, 23, 26)')
    })
  }

  it('is one file, which the report folder names nowhere else', async () => {
    const html = await readFile(join(run.path, 'report.html'), 'utf8')
    assert.doesNotMatch(html, /<(link|script|img|iframe)[^>]*\s(src|href)="(?!data:)/)
  })
})
