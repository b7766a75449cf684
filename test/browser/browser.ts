import { execFileSync } from 'node:child_process'
import { type Browser, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The browser of this machine. Its sandbox needs a user of its own, whom a test that runs as root does not have. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] })
}

function browserPath(): string {
  for (const name of NAMES) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // Another name, perhaps.
    }
  }
  throw new Error(`none of ${NAMES.join(', ')} is installed`)
}

/** A page that keeps what goes wrong in it, and whom it asks. */
export interface WatchedPage extends AsyncDisposable {
  page: Page
  /** Errors of scripts, and what the console says of refused ones. */
  errors: string[]
  requests: string[]
}

export interface PageLook {
  width?: number
  dark?: boolean
}

export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, dark = false }: PageLook = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  })
  const page = await context.newPage()
  const errors: string[] = []
  const requests: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  await page.waitForSelector('h1')
  return { page, errors, requests, [Symbol.asyncDispose]: () => context.close() }
}

/** What of a page sticks out to the right of the window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
}
