import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { launchBrowser, openPage } from './browser.ts'

/** Waits for something that never comes, so that there is time to look. */
const SCENARIO = `
name: slow
title: A waits for what never comes
sites:
  a: { nat: one-to-one, public: 11.0.0.11 }
  b: { nat: one-to-one, public: 11.0.0.12 }
nodes:
  A: { site: a }
  B: { site: b, bootstrap: [A] }
steps:
  - expect:
      - { observer: B, lists: A }
      - { observer: A, lists: B, within: 6s }
  - { node: B, put: k, value: v }
`

describe('the live page, in a browser while the run goes on', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-live-'))
    await writeFile(join(folder.path, 'slow.yaml'), SCENARIO)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('says what is under way and to come, then the verdict, by itself', async () => {
    const command = startCommand(
      ['scenario', 'slow.yaml', '--fabric', 'sim', '--watch'],
      folder.path,
    )
    const address = await command.until(/http:\/\/127\.0\.0\.1:\d+\//)
    await using opened = await openPage(browser, address)
    const { page } = opened
    await page.locator('h1', { hasText: 'slow is running on sim' }).waitFor()
    await page.locator('.results .good', { hasText: 'B lists A' }).waitFor()
    assert.match(await page.locator('li.under-way').innerText(), /…\s+A lists B/)
    assert.match(await page.locator('li.to-come').innerText(), /B puts k/)
    assert.match(await page.locator('table.matrix').innerText(), /ONLY_PRIVATE_ADDRESSES/)
    assert.equal(await page.locator('svg[role=img] path.lists').count(), 1)

    await page.locator('h1', { hasText: '✘ slow does not hold on sim' }).waitFor()
    assert.match(await page.locator('header').innerText(), /A lists B\s+expected listed, saw/)
    // Who opens it late sees the same.
    await using late = await openPage(browser, address)
    await late.page.locator('h1', { hasText: '✘ slow does not hold on sim' }).waitFor()

    command.interrupt()
    const { status, stdout } = await command.ended
    assert.equal(status, 1, stdout)
    assert.doesNotMatch(await page.locator('header').innerText(), /does not answer any more/)
    assert.deepEqual(opened.errors, [])
  })

  it('says so where the run is gone before its verdict', async () => {
    const command = startCommand(
      ['scenario', 'slow.yaml', '--fabric', 'sim', '--watch'],
      folder.path,
    )
    const address = await command.until(/http:\/\/127\.0\.0\.1:\d+\//)
    await using opened = await openPage(browser, address)
    await opened.page.locator('h1', { hasText: 'is running' }).waitFor()
    process.kill(command.pid, 'SIGKILL')
    await opened.page.getByText('The run does not answer any more').waitFor()
    await command.ended
  })
})
