import process from 'node:process'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One browser for the tests of a file. */
export function useChromium() {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: FLAGS,
    })
  })
  afterAll(async () => await browser.close())

  return {
    /** Opens an address. At the end of the test the page must have printed no error, and asked nobody else for anything. */
    async open(
      url: string,
      options: BrowserContextOptions = {},
      { allowErrors }: { readonly allowErrors?: RegExp } = {},
    ): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options })
      const page = await context.newPage()
      const errors: string[] = []
      const strangers: string[] = []
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      page.on('pageerror', (error) => errors.push(String(error)))
      page.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url())
        if (hostname !== '127.0.0.1' && protocol !== 'data:' && protocol !== 'blob:')
          strangers.push(request.url())
      })
      onTestFinished(async () => {
        await context.close()
        expect(errors.filter((error) => allowErrors?.test(error) !== true)).toEqual([])
        expect(strangers).toEqual([])
      })
      await page.goto(url)
      return page
    },
  }
}

/** The active one of the chosen actor's top-level states. */
export async function activeState(page: Page): Promise<string> {
  return (await page.locator('.rail .active').allTextContents()).join()
}
