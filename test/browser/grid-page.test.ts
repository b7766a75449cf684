import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

describe('grid.html, opened as a file', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let url: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-grid-'))
    const words = ['matrix', '--nat', 'public,one-to-one', '--nat', 'one-to-one,symmetric']
    const { status, stderr } = await startCommand(words, folder.path).ended
    assert.equal(status, 0, stderr)
    url = pathToFileURL(join(folder.path, 'reports/grid/grid.html')).href
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('says how many reach each other, shows each combination, and who has which NAT', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    assert.match(
      await page.locator('h1').innerText(),
      /^In \d+ of 16 combinations A and B reach each other$/,
    )
    assert.equal(await page.locator('table.grid').count(), 4)
    assert.equal(await page.locator('table.grid td a').count(), 16)
    assert.match(await page.locator('dl').innerText(), /symmetric[^]*AWS NAT gateway/)
    assert.deepEqual(opened.errors, [])
  })

  it('leads from a square to both ways of its pair, and back', async () => {
    await using opened = await openPage(browser, url)
    const { page } = opened
    await page
      .getByLabel('A one-to-one, B one-to-one: B at A ONLY_PRIVATE_ADDRESSES, A at B dialable')
      .first()
      .click()
    await page.locator('.ladder').nth(1).waitFor()
    const text = await page.locator('main').innerText()
    assert.match(
      text,
      /A behind one-to-one, B behind one-to-one\s+nobody announces a public address/,
    )
    assert.match(text, /PUBLIC_IP=11\.[\d.]+ on B/)
    assert.equal(await page.locator('.ladder').count(), 2)
    await page.getByRole('link', { name: '← all combinations' }).click()
    await page.locator('table.grid').nth(3).waitFor()
    assert.equal(await page.locator('table.grid').count(), 4)
  })

  it('fits into 390 pixels', async () => {
    await using opened = await openPage(browser, url, { width: 390, dark: true })
    assert.ok((await overflow(opened.page)) <= 0)
  })
})
