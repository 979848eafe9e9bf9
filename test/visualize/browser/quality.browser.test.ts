import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createActor, setup } from 'xstate'
import { connectionMachine } from '../../../src/client/connection-machine.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { createResponsesServer } from '../../../src/testing/index.ts'
import { inspector } from '../harness.ts'
import { activeState, useChromium } from './chromium.ts'

const chromium = useChromium()

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** What axe finds serious or worse. Evaluated from outside the page's policy, which forbids inline scripts. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] }
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
}

describe('accessibility', () => {
  it.each(['light', 'dark'] as const)(
    'has no serious fault, %s, in each state and view',
    async (colorScheme) => {
      const watch = await inspector()
      const server = await createResponsesServer({ apiKey: 'k' })
      onTestFinished(() => server.close())
      const input = { url: server.url, apiKey: new Secret('k') }
      const actor = createActor(connectionMachine, { input, inspect: watch.inspect }).start()
      onTestFinished(() => void actor.stop())
      const page = await chromium.open(watch.url, { colorScheme })
      const look = async (state: string): Promise<void> => {
        await expect.poll(() => activeState(page)).toBe(state)
        // Colours fade in.
        await page.waitForTimeout(400)
        expect(await serious(page)).toEqual([])
      }
      await look('idle')
      actor.send({ type: 'connect' })
      await look('open')
      actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
      await page.getByRole('tab', { name: 'Lanes' }).click()
      await look('open')
      await page.getByRole('tab', { name: 'Chart' }).click()
      server.refuseUpgrades(503)
      server.dropAll()
      await look('reconnecting')
      await page.locator('.log .row', { hasText: 'socket.lost' }).first().click()
      await look('reconnecting')
      await page.getByRole('button', { name: 'Live' }).click()
      actor.send({ type: 'close' })
      await look('closed')
    },
  )

  it('is readable at 200 %: nothing is cut off, nothing has to be scrolled sideways', async () => {
    const watch = await inspector()
    createActor(connectionMachine, { input: {}, inspect: watch.inspect }).start()
    // A window of 1280 at 200 % has room for 640.
    const page = await chromium.open(watch.url, {
      viewport: { width: 640, height: 480 },
      deviceScaleFactor: 2,
    })
    await expect.poll(() => activeState(page)).toBe('idle')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640)
    for (const name of ['Open', 'Save', 'Live', 'Play', 'Pause']) {
      const button = page.getByRole('button', { name, exact: true })
      if ((await button.count()) === 0) continue
      await button.scrollIntoViewIfNeeded()
      const box = await button.boundingBox()
      expect(box === null ? 0 : box.x + box.width).toBeLessThanOrEqual(640)
    }
  })
})

it('1,000 actors and 50,000 rows of the log scroll smoothly', async () => {
  const watch = await inspector({ maxEntries: 60_000 })
  const machine = setup({ types: {} as { context: { count: number } } }).createMachine({
    id: 'one',
    context: { count: 0 },
    initial: 'a',
    states: { a: { on: { go: 'b' } }, b: { on: { go: 'a' } } },
  })
  const actors = Array.from({ length: 1000 }, () => createActor(machine, { inspect: watch.inspect }).start())
  for (let round = 0; round < 49; round += 1) for (const actor of actors) actor.send({ type: 'go' })
  const page = await chromium.open(watch.url)
  await expect.poll(() => page.locator('.log .count').textContent(), { timeout: 30_000 }).toBe('50000')
  await expect.poll(() => page.locator('.actors .count').textContent()).toBe('1000')
  expect(await page.locator('.row').count()).toBeLessThan(120)
  for (const list of ['.log .virtual-list', '.actors .virtual-list']) {
    const { slow, median } = await framesWhileScrolling(page, list)
    expect(median, `${list}: median frame`).toBeLessThan(40)
    expect(slow, `${list}: frames over 100 ms`).toBeLessThanOrEqual(3)
  }
  await page.getByRole('searchbox', { name: 'Filter actors' }).fill('one#77')
  await expect.poll(() => page.locator('.actors .count').textContent()).toMatch(/^\d+ of 1000$/)
})

async function framesWhileScrolling(page: Page, list: string): Promise<{ slow: number; median: number }> {
  return await page.evaluate(async (selector) => {
    const element = document.querySelector(selector)
    if (element === null) throw new Error('no list')
    const times: number[] = []
    let last = performance.now()
    for (let frame = 0; frame < 90; frame += 1) {
      element.scrollTop = (element.scrollHeight / 90) * frame
      await new Promise((resolve) => {
        requestAnimationFrame(resolve)
      })
      times.push(performance.now() - last)
      last = performance.now()
    }
    const sorted = times.toSorted((a, b) => a - b)
    return { slow: times.filter((time) => time > 100).length, median: sorted[45] ?? 0 }
  }, list)
}
