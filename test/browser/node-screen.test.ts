import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { simRun } from '#test/support/sim-run.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

/** A waits three seconds for what never comes, and says at `warn` why. */
const SCENARIO = `
name: logs
title: Nodes that log much
sites:
  a: { nat: one-to-one, public: 11.0.0.11 }
  b: { nat: one-to-one, public: 11.0.0.12 }
nodes:
  A: { site: a, env: { LOG_LEVEL: debug } }
  B: { site: b, bootstrap: [A] }
steps:
  - expect: [{ observer: B, lists: A }]
  - { node: B, put: a key/with words, value: v }
  - expect: [{ observer: A, lists: B, within: 4s }]
`

function linesOf(page: Page): Promise<string[]> {
  return page.getByRole('list', { name: 'Log' }).locator('li').allInnerTexts()
}

describe('the screen of a node', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let url: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-node-'))
    await writeFile(join(folder.path, 'logs.yaml'), SCENARIO)
    const { path } = await simRun('logs.yaml', folder.path)
    url = `${pathToFileURL(join(path, 'report.html')).href}#default`
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('has the log of the node, with a filter of levels and a search', async () => {
    await using opened = await openPage(browser, `${url}/A`)
    const { page } = opened
    const all = await linesOf(page)
    assert.ok(all.length > 3, all.join('\n'))
    assert.ok(all.some((line) => /DEBUG\s+closed after reading/.test(line)))
    await page.getByLabel('level').selectOption('warn')
    await page
      .getByRole('status')
      .filter({ hasText: `1 of ${all.length} lines` })
      .waitFor()
    const [warning] = await linesOf(page)
    assert.match(
      warning ?? '',
      /\+3\.\d s\s+WARN\s+…\w{8} is not listed here: set PUBLIC_IP=11\.0\.0\.12 on …\w{8} \(every/,
    )
    await page.getByLabel('level').selectOption('trace')
    await page.getByLabel('Search the log').fill('LISTED set=public_ip')
    await page.getByRole('status').filter({ hasText: '1 of' }).waitFor()
    assert.deepEqual(await linesOf(page), [warning])
    await page.getByLabel('Search the log').fill('nothing has this')
    await page.getByText('No line has that.').waitFor()
    assert.deepEqual(opened.errors, [])
  })

  it('leads from a line to its moment, at which later lines are not there yet', async () => {
    await using opened = await openPage(browser, `${url}/A`)
    const { page } = opened
    const all = await linesOf(page)
    const at = all.findIndex((line) => line.includes('WARN'))
    assert.ok(at > 0 && at < all.length - 1)
    await page.getByRole('list', { name: 'Log' }).locator('li a').nth(at).click()
    await page.waitForURL((each) => each.hash.startsWith('#default/A?at='))
    await page
      .getByRole('list', { name: 'Log' })
      .locator('li')
      .nth(at + 1)
      .waitFor({ state: 'detached' })
    assert.deepEqual(await linesOf(page), all.slice(0, at + 1))
    await page.getByLabel('Moment').press('Home')
    await page.getByText('It had logged nothing by then.').waitFor()
  })

  it('lists the records that the node holds, with who wrote them', async () => {
    await using opened = await openPage(browser, `${url}/B`)
    const table = opened.page.getByRole('region', { name: 'Records' })
    assert.match(await table.innerText(), /a key\/with words\s+itself\s+\+\d+ ms/)
    await using other = await openPage(browser, `${url}/A`)
    assert.match(
      (await other.page.getByRole('region', { name: 'Records' }).innerText()).replaceAll('\n', ' '),
      /a key\/with words\s+B\s+\+\d+ ms/,
    )
  })

  it('fits into 390 pixels', async () => {
    await using opened = await openPage(browser, `${url}/A`, { width: 390, dark: true })
    assert.ok((await overflow(opened.page)) <= 0)
  })
})
