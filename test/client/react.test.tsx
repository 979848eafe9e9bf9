// @vitest-environment happy-dom
/// <reference lib="dom" />
import { useActorRef, useSelector } from '@xstate/react'
import { type ReactNode, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret, connectionMachine } from '../../src/index.ts'
import type { ResponsesServer } from '../../src/testing/index.ts'
import { KEY, startServer, until } from './harness.ts'

const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const

/** What an application writes: it connects while it is shown, and shows what streams in. */
function Chat({ url }: { url: string }) {
  const actor = useActorRef(connectionMachine, { input: { url, apiKey: new Secret(KEY) } })
  const state = useSelector(actor, ({ value }) => (typeof value === 'string' ? value : Object.keys(value)[0]))
  const [text, setText] = useState('')
  useEffect(() => {
    const heard = actor.on('response.output_text.delta', ({ delta }) => setText((before) => before + delta))
    actor.send({ type: 'connect' })
    return () => heard.unsubscribe()
  }, [actor])
  return (
    <button type="button" onClick={() => actor.send({ type: 'send', event: create })}>
      {state}: {text}
    </button>
  )
}

/** A page with this on it, until the test ends. */
function show(content: ReactNode) {
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  const hide = (): void => root.render(null)
  root.render(content)
  onTestFinished(async () => {
    hide()
    await until(() => container.textContent === '')
    root.unmount()
    container.remove()
  })
  return {
    hide,
    shows: (text: string): Promise<void> => until(() => container.textContent === text),
    click: (): void => container.querySelector('button')?.click(),
  }
}

const openOn = (server: ResponsesServer): number => server.connections().filter(({ open }) => open).length

describe.each([
  ['useActorRef', (url: string) => <Chat url={url} />],
  [
    'useActorRef in StrictMode',
    (url: string) => (
      <StrictMode>
        <Chat url={url} />
      </StrictMode>
    ),
  ],
])('%s', (_, chat) => {
  it('opens one connection, and shows what it hears', async () => {
    const server = await startServer({ turns: [{ text: 'hello from the server' }] })
    const page = show(chat(server.url))
    await page.shows('open: ')
    await until(() => openOn(server) === 1)
    page.click()
    await page.shows('open: hello from the server')
    expect(server.creates()).toBe(1)
    expect(openOn(server)).toBe(1)
  })

  it('shows that the connection was lost', async () => {
    const server = await startServer()
    const page = show(chat(server.url))
    await page.shows('open: ')
    server.dropAll()
    await page.shows('reconnecting: ')
    page.hide()
    await page.shows('')
    await server.expectNoUpgrade()
  })

  it('leaves nothing when it is unmounted', async () => {
    const server = await startServer()
    const page = show(chat(server.url))
    await page.shows('open: ')
    page.hide()
    await page.shows('')
    await until(() => openOn(server) === 0)
    await server.expectNoUpgrade()
  })

  it('leaves nothing when it is unmounted while it dials', async () => {
    const server = await startServer({ upgrades: [{ stall: true, times: 10 }] })
    const page = show(chat(server.url))
    await server.waitForUpgrade()
    page.hide()
    await page.shows('')
    await server.expectNoUpgrade()
    expect(openOn(server)).toBe(0)
  })
})
