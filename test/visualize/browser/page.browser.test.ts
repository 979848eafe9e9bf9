import { readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Page } from 'playwright-core'
import { createActor } from 'xstate'
import { connectionMachine } from '../../../src/client/connection-machine.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { createResponsesServer } from '../../../src/testing/index.ts'
import { inspector } from '../harness.ts'
import { activeState, useChromium } from './chromium.ts'

const chromium = useChromium()

/** A watched connection on a server of its own, and the page. */
async function watched() {
  const watch = await inspector({ title: 'test' })
  const server = await createResponsesServer({ apiKey: 'k' })
  onTestFinished(() => server.close())
  const input = { url: server.url, apiKey: new Secret('k'), jitter: 'none' as const }
  const actor = createActor(connectionMachine, { input, inspect: watch.inspect }).start()
  onTestFinished(() => void actor.stop())
  const page = await chromium.open(watch.url)
  return { watch, server, actor, page }
}

async function reaches(page: Page, state: string, timeout = 10_000): Promise<void> {
  await expect.poll(() => activeState(page), { timeout }).toBe(state)
}

describe('a connection on the page', () => {
  it('reconnects with a countdown while the server is down, and is open after', async () => {
    const { server, actor, page } = await watched()
    await reaches(page, 'idle')
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
    await expect.poll(() => page.locator('[data-state="open.health.probation"].active').count()).toBe(1)
    server.refuseUpgrades(503)
    server.dropAll()
    await reaches(page, 'reconnecting')
    const backoff = page.locator('.timers li', { hasText: 'backoff' }).locator('.left')
    const first = Number.parseFloat((await backoff.textContent()) ?? '')
    await page.waitForTimeout(400)
    expect(Number.parseFloat((await backoff.textContent()) ?? '')).toBeLessThan(first)
    await expect
      .poll(() => page.locator('.chart .countdown').allTextContents())
      .toEqual([expect.stringMatching(/ s$/)])
    server.acceptUpgrades()
    await reaches(page, 'open')
    await expect.poll(() => page.locator('.chart .edge.traced').count()).toBe(1)
    actor.send({ type: 'close' })
    await reaches(page, 'closed')
    expect(await page.locator('.timers li').count()).toBe(0)
  })

  it('is seen at any earlier moment: slider, steps, rows of the log, and live again', async () => {
    const { actor, page } = await watched()
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
    const slider = page.getByRole('slider', { name: 'Time' })
    await slider.focus()
    await page.keyboard.press('Home')
    await reaches(page, 'idle')
    await page.getByRole('button', { name: 'One step on' }).click()
    await expect.poll(() => activeState(page)).not.toBe('idle')
    await page.locator('.log .row', { hasText: 'socket.opened' }).click()
    await reaches(page, 'open')
    await expect.poll(() => page.locator('.detail').textContent()).toContain('connecting → open')
    actor.send({ type: 'close' })
    await page.waitForTimeout(500)
    expect(await activeState(page)).toBe('open')
    await page.getByRole('button', { name: 'Live' }).click()
    await reaches(page, 'closed')
  })

  it('is found in the log by its words, and only by them', async () => {
    const { actor, page } = await watched()
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('socket.opened')
    await expect.poll(() => page.locator('.log .row').count()).toBe(1)
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('no such thing')
    await expect.poll(() => page.locator('.log .row').count()).toBe(0)
  })

  it('can be held still with the space bar, and followed by keyboard alone', async () => {
    const { actor, page } = await watched()
    await reaches(page, 'idle')
    await page.keyboard.press(' ')
    actor.send({ type: 'connect' })
    await page.waitForTimeout(500)
    expect(await activeState(page)).toBe('idle')
    await page.keyboard.press('l')
    await reaches(page, 'open')
    await page.getByRole('listbox', { name: 'Log of transitions' }).focus()
    await page.keyboard.press('Home')
    await reaches(page, 'idle')
    await page.keyboard.press('End')
    await reaches(page, 'open')
  })

  it('leaves the page as a recording, which another page plays', async () => {
    const { server, actor, page } = await watched()
    // Each state lasts long enough to be seen when it is played, however seldom the page is looked at.
    server.enqueueUpgrades({ delayMs: 400 })
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
    actor.send({ type: 'close' })
    await reaches(page, 'closed')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save' }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    const other = await chromium.open((await inspector()).url)
    await drop(other, 'run.holdline.jsonl', text)
    await expect.poll(() => other.locator('.source').textContent()).toBe('recording')
    await reaches(other, 'closed')
    await expect.poll(() => other.locator('.chart [data-state]').count()).toBeGreaterThan(10)
    await other.getByRole('combobox', { name: 'Speed' }).selectOption('0.25')
    await other.getByRole('button', { name: 'Play' }).click()
    // At a quarter of the speed: `idle` lasts four times as long as the page took to open.
    await reaches(other, 'connecting', 60_000)
    await reaches(other, 'closed', 60_000)
  })

  it('leaves the page as a picture and as Mermaid', async () => {
    const { page } = await watched()
    await expect.poll(() => page.locator('.chart [data-state]').count()).toBeGreaterThan(10)
    for (const [name, start] of [
      ['SVG', '<svg '],
      ['Mermaid', 'stateDiagram-v2'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ])
      expect((await readFile(await download.path(), 'utf8')).startsWith(start)).toBe(true)
    }
  })
})

describe('the page', () => {
  it('asks for the token, and says how to get it', async () => {
    const { port } = await inspector()
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('with its token')
  })

  it('says what is wrong with a file that is no recording, and goes on', async () => {
    const { actor, page } = await watched()
    await reaches(page, 'idle')
    await drop(page, 'notes.txt', 'some notes')
    await expect
      .poll(() => page.locator('.problem').first().textContent())
      .toContain('Line 1 of notes.txt cannot be read')
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
  })

  it('shows a recording whose chart is nonsense without its picture', async () => {
    const page = await chromium.open((await inspector()).url)
    const lines = [
      { holdline: 'recording', version: 1 },
      {
        at: 0,
        kind: 'chart',
        chart: 'odd',
        model: { id: 'odd', states: [{ path: 1 }], transitions: 'none' },
      },
      { at: 0, kind: 'actor', actor: 'odd', change: 'started', chart: 'odd', state: 'idle' },
      { at: 5, kind: 'of a later version' },
    ]
    await drop(page, 'odd.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'))
    await expect
      .poll(() => page.locator('.actors .row').allTextContents())
      .toEqual([expect.stringContaining('idle')])
    await expect.poll(() => page.locator('.chart-scroller').textContent()).toContain('cannot be drawn')
  })

  it('shows turns and frames over time', async () => {
    const { actor, page } = await watched()
    actor.send({ type: 'connect' })
    await reaches(page, 'open')
    actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
    await page.getByRole('tab', { name: 'Lanes' }).click()
    await expect.poll(() => page.locator('.turn.completed').count()).toBe(1)
    await expect.poll(() => page.locator('.tick.in').count()).toBeGreaterThan(0)
  })

  it('says so when the app is gone', async () => {
    const first = await inspector()
    const page = await chromium.open(first.url)
    await expect.poll(() => page.locator('.source').textContent()).toBe('live')
    await first.close()
    await expect.poll(() => page.locator('.source').textContent()).toBe('the app is gone')
    // A browser reports a refused connection on the console: here that is what is asked for.
    await page.goto('about:blank')
  })
})

/** Drops a file on the page, as a reader would with the mouse. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file, content]) => {
      const data = new DataTransfer()
      data.items.add(new File([content ?? ''], file ?? ''))
      return data
    },
    [name, text],
  )
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}
