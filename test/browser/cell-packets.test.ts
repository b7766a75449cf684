import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { readPacket } from '#orchestrator/capture/read-packet.ts'
import { type SimRun, simRun } from '#test/support/sim-run.ts'
import { launchBrowser, openPage, overflow } from './browser.ts'

/** The packets of a capture, as their numbers count them. */
function packetsIn(capture: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4)) {
    if (capture.readUInt32LE(at) !== 6) continue
    found.push(capture.subarray(at + 28, at + 28 + capture.readUInt32LE(at + 20)))
  }
  return found
}

function linesOf(page: Page): Promise<string[]> {
  return page.getByRole('list', { name: 'Packets' }).locator('li').allInnerTexts()
}

describe('the packets of a pair, in its view', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let browser: Browser
  let run: SimRun
  let url: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-packets-'))
    run = await simRun('nat-two-nodes', folder.path, '--pcap')
    url = pathToFileURL(join(run.path, 'report.html')).href
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await folder.remove()
  })

  it('are the very packets of the capture, by their numbers there', async () => {
    const captured = packetsIn(await readFile(join(run.path, 'packets.pcapng')))
    for (const variant of ['bug', 'fixed']) {
      await using opened = await openPage(browser, `${url}#${variant}/A/B`)
      const lines = await linesOf(opened.page)
      assert.ok(lines.length > 20, String(lines.length))
      for (const line of lines) {
        const [, number = '', says, from, to] =
          /\n(\d+)\n[AB] → [AB]: (.+?) (\S+) → (\S+),/.exec(line.replaceAll(/\s*\n\s*/g, '\n')) ??
          []
        const head = readPacket(captured[Number(number) - 1] ?? Buffer.alloc(0))
        assert.deepEqual([head?.says, head?.from, head?.to], [says, from, to], line)
      }
      assert.deepEqual(opened.errors, [])
    }
  })

  it('begin with the dial, and follow the moment', async () => {
    await using opened = await openPage(browser, `${url}#bug/A/B`)
    const { page } = opened
    const all = await linesOf(page)
    assert.match(all[0] ?? '', /B → A: TCP SYN 10\.2\.0\.10:\d+ → 11\.0\.0\.11:3000/)
    await page.getByLabel('Moment').press('Home')
    await page.getByText('None had crossed by then.').waitFor()
    await page.getByLabel('Moment').fill('13')
    await page.getByRole('list', { name: 'Packets' }).locator('li').first().waitFor()
    const until = await linesOf(page)
    assert.ok(until.length > 0 && until.length < all.length)
    assert.deepEqual(until, all.slice(0, until.length))
  })

  it('fit into 390 pixels', async () => {
    await using opened = await openPage(browser, `${url}#bug/A/B`, { width: 390, dark: true })
    assert.ok((await overflow(opened.page)) <= 0)
  })
})
