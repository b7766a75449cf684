import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core'
import { HOSTILE } from '#test/support/hostile.ts'
import { type RunningCommand, startCommand } from '#test/support/nat-two-nodes.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

/** A lists B where B announces its public address. */
const MINE = `name: mine
title: A lists B
sites:
  a: { nat: one-to-one, public: 11.0.0.11 }
  b: { nat: one-to-one, public: 11.0.0.12 }
nodes:
  A: { site: a }
  B: { site: b, bootstrap: [A], env: { PUBLIC_IP: '{public}' } }
steps:
  - expect:
      - { observer: A, lists: B, within: 2s }
`

const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Scenario' })
const outcome = (page: Page): Locator => page.getByRole('region', { name: 'Run' })
const report = (page: Page): FrameLocator => page.frameLocator('iframe')

/** Puts a text in the place of what is in the editor, as a person does who pastes it. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('Control+A')
  const paste = `(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', ${JSON.stringify(text)})
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.querySelector('.cm-content').dispatchEvent(event)
  })()`
  await page.evaluate(paste)
}

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
}

describe('the lab, in a browser', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let command: RunningCommand
  let address = ''

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-lab-browser-'))
    command = startCommand(['lab'], folder.path)
    address = await command.until(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    command.interrupt()
    const { status, stderr } = await command.ended
    await folder.remove()
    assert.equal(status, 0, stderr)
  })

  it('runs a scenario of the catalogue, and shows its report', async () => {
    await using opened = await openPage(browser, address)
    const { page } = opened
    assert.match(await editor(page).innerText(), /name: my-network/)
    await page.getByRole('combobox', { name: 'Scenario' }).selectOption('nat-two-nodes')
    await editor(page).getByText('name: nat-two-nodes').waitFor()
    await run(page)
    await outcome(page).getByText('✔ every expectation holds').waitFor()
    await report(page).locator('h1', { hasText: '✔ nat-two-nodes holds on sim' }).waitFor()
    assert.match(
      await report(page).locator('table.side').innerText(),
      /ONLY_PRIVATE_ADDRESSES[^]*CLIENT_MODE/,
    )
    const said = await outcome(page).locator('.said').innerText()
    const [, place = ''] = /^report (.+)$/m.exec(said) ?? []
    assert.match(await readFile(join(folder.path, place, 'report.html'), 'utf8'), /<title>nat-two/)
    assert.deepEqual(opened.errors, [])
  })

  it('shows a fault at its line, takes it back once it is mended, and runs what is written, again and again', async () => {
    await using opened = await openPage(browser, address)
    const { page } = opened
    await write(page, MINE.replace('nat: one-to-one', 'nat: one-to-none'))
    await page.getByText('✘ one thing is wrong in it').waitFor()
    const place = page.getByRole('button', { name: 'line 4, column 13' })
    assert.match(
      await page.locator('.faults li', { has: place }).innerText(),
      /saw 'one-to-none'; did you mean 'one-to-one'\?/,
    )
    assert.equal(await page.locator('.cm-lintRange-error').innerText(), 'one-to-none')
    assert.equal(await page.locator('.cm-lint-marker-error').count(), 1)

    // From the fault to its place, where the word is written anew.
    await place.click()
    for (const _ of 'one-to-none') await page.keyboard.press('Delete')
    await page.keyboard.type('one-to-one')
    await page.getByText('✔ nothing is wrong in it').waitFor()
    assert.equal(await page.locator('.cm-lintRange-error').count(), 0)
    await editor(page).press('Control+Enter')
    await report(page).locator('h1', { hasText: '✔ mine holds on sim' }).waitFor()

    await write(page, MINE.replace(", env: { PUBLIC_IP: '{public}' }", ''))
    await page.getByText('✔ nothing is wrong in it').waitFor()
    await run(page)
    await report(page).locator('h1', { hasText: '✘ mine does not hold on sim' }).waitFor()
    await outcome(page).getByText('✘ an expectation does not hold').waitFor()
    assert.match(await report(page).locator('table.matrix').innerText(), /ONLY_PRIVATE_ADDRESSES/)
    // Another page of the lab, or this one anew, finds it too; what was written is not lost.
    await page.reload()
    await editor(page).getByText('name: mine').waitFor()
    await report(page).locator('h1', { hasText: '✘ mine does not hold on sim' }).waitFor()
    assert.deepEqual(opened.errors, [])
  })

  it('completes words of scenarios, and names that stand in it', async () => {
    await using opened = await openPage(browser, address)
    const { page } = opened
    await write(page, MINE)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('  - { rest')
    const options = page.locator('.cm-tooltip-autocomplete li')
    await options.first().waitFor()
    assert.deepEqual(await options.allInnerTexts(), ['restart'])
    // The list takes keys only once it has stood for a moment, lest it take what was meant for the text.
    await page.waitForTimeout(100)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+Space')
    await options.getByText('B', { exact: true }).waitFor()
    assert.deepEqual((await options.allInnerTexts()).slice(0, 2), ['A', 'B'])
    assert.match(await editor(page).innerText(), /- \{ restart: /)
    assert.deepEqual(opened.errors, [])
  })

  it('stops a run', async () => {
    await using opened = await openPage(browser, address)
    const { page } = opened
    await write(page, MINE.replace('steps:', 'steps:\n  - wait: 5m'))
    await page.getByText('✔ nothing is wrong in it').waitFor()
    await page.getByLabel('in real time').check()
    await run(page)
    await report(page).locator('h1', { hasText: 'mine is running on sim' }).waitFor()
    await report(page).locator('table.matrix').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await outcome(page).getByText('■ stopped').waitFor()
    assert.deepEqual(opened.errors, [])
  })

  it('takes what is written, and what a run says, as text', async () => {
    await using opened = await openPage(browser, address)
    const { page } = opened
    const title = JSON.stringify(HOSTILE)
    await write(page, MINE.replace('A lists B', title).replace('lists: B', `lists: ${title}`))
    await page.getByText('✘ one thing is wrong in it').waitFor()
    assert.match(await page.locator('.faults').innerText(), /<img src=x onerror=alert\(1\)>/)
    await write(page, MINE.replace('A lists B', title))
    await page.getByText('✔ nothing is wrong in it').waitFor()
    await run(page)
    await report(page).locator('h1', { hasText: '✔ mine holds on sim' }).waitFor()
    await report(page).getByText('<img src=x onerror=alert(1)>').first().waitFor()
    for (const where of [page, report(page)]) {
      assert.equal(await where.locator('img, [onerror], #page script').count(), 0)
    }
    const frame = page.frames().find((each) => each !== page.mainFrame())
    const reach = `(() => { try { return parent.document.title } catch (error) { return error.name } })()`
    assert.equal(await frame?.evaluate(reach), 'SecurityError')
    assert.deepEqual(opened.errors, [])
  })

  it('says so where it does not know who asks, and fits a narrow window', async () => {
    const { origin } = new URL(address)
    await using stranger = await openPage(browser, `${origin}/#x`)
    await stranger.page.getByText('expected the whole address that the lab printed').waitFor()
    for (const dark of [false, true]) {
      await using narrow = await openPage(browser, address, { width: 390, dark })
      await narrow.page.locator('.cm-content').waitFor()
      assert.ok((await overflow(narrow.page)) <= 0)
    }
  })
})
