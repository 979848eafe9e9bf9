import { request } from 'node:http'
import { assign, createActor, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { parseRecording } from '../../src/recording/parse.ts'
import { startInspector } from '../../visualize/inspector.ts'
import { inspector, socketUrl, upgradeStatus, view } from './harness.ts'
import { waitFor } from '../support/wait-for.ts'

const counter = setup({
  types: {} as { context: { count: number }; events: { type: 'add' } | { type: 'set'; text: string } },
}).createMachine({
  id: 'counter',
  context: { count: 0 },
  initial: 'low',
  states: {
    low: {
      on: {
        add: [
          { guard: ({ context }) => context.count >= 2, target: 'high', actions: assign({ count: 3 }) },
          { actions: assign({ count: ({ context }) => context.count + 1 }) },
        ],
      },
    },
    high: { after: { 60_000: 'low' } },
  },
})

describe('options', () => {
  it.each([
    ['port', { port: -1 }],
    ['port', { port: '80' }],
    ['maxEntries', { maxEntries: 0 }],
    ['reveal', { reveal: 'all' }],
    ['print', { print: 'stdout' }],
  ])('a bad one is named: %s', async (path, options) => {
    await expect(startInspector(options as object)).rejects.toMatchObject({ code: 'ERR_BAD_OPTION', path })
  })

  it('a port in use is one clear line', async () => {
    const { port } = await inspector()
    const error = await startInspector({ port, print: () => {} }).catch((problem: unknown) => problem)
    expect(error).toMatchObject({
      code: 'ERR_INSPECTOR',
      message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
    })
  })

  it('the address is printed once, with a token of its own', async () => {
    const lines: string[] = []
    const one = await inspector({ print: (line) => void lines.push(line) })
    const two = await inspector()
    expect(lines).toEqual([`Holdline inspector: ${one.url}`])
    expect(new URL(one.url).searchParams.get('token')).not.toBe(new URL(two.url).searchParams.get('token'))
    expect(new URL(one.url).searchParams.get('token')?.length).toBeGreaterThanOrEqual(32)
  })
})

describe('who may look', () => {
  it('only with the token', async () => {
    const { url } = await inspector()
    const bare = new URL(url)
    bare.searchParams.set('token', 'guessed')
    expect(await statusOf(bare)).toBe(401)
    expect(await upgradeStatus(socketUrl(bare.href))).toBe(401)
    expect(await upgradeStatus(socketUrl(bare.href, '/stately'))).toBe(401)
    expect(await upgradeStatus(socketUrl(url))).toBe(101)
  })

  it('not under another name, as a page that rebinds its own would ask', async () => {
    const { url, port } = await inspector()
    expect(await statusOf(new URL(url), { host: `evil.example:${port}` })).toBe(421)
    expect(await upgradeStatus(socketUrl(url), { host: `evil.example:${port}` })).toBe(421)
  })

  it('not from a page of another origin, even with the token', async () => {
    const { url, port } = await inspector()
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${port + 1}`,
      `https://127.0.0.1:${port}`,
    ]) {
      expect(await statusOf(new URL(url), { origin })).toBe(403)
      expect(await upgradeStatus(socketUrl(url), { origin })).toBe(403)
    }
    expect(await upgradeStatus(socketUrl(url), { origin: `http://127.0.0.1:${port}` })).toBe(101)
  })

  it('not over the network: it listens on 127.0.0.1 alone', async () => {
    const { networkInterfaces } = await import('node:os')
    const { port } = await inspector()
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others) {
      await expect(statusOf(new URL(`http://${address}:${port}/`))).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      })
    }
    await expect(statusOf(new URL(`http://127.0.0.2:${port}/`))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('to read, and nothing else', async () => {
    const { url } = await inspector()
    expect(await statusOf(new URL(url), {}, 'POST')).toBe(405)
    expect(await statusOf(new URL('/../package.json', url))).toBe(404)
    expect(await statusOf(new URL('/%2e%2e/package.json', url))).toBe(404)
  })

  it('and an address that is none does no harm', async () => {
    const { port } = await inspector()
    for (const path of ['//', '//[', '/%', 'http://[']) {
      const status = await new Promise((resolve) => {
        request({ host: '127.0.0.1', port, path }, ({ statusCode }) => resolve(statusCode)).end()
      })
      expect([400, 404]).toContain(status)
    }
  })

  it('under a policy that lets nothing in from elsewhere', async () => {
    const { url } = await inspector()
    const { headers } = await fetch(url)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:\/\/(?!127)|\*/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })
})

describe('a viewer', () => {
  it('that comes late sees what is there, and then what happens', async () => {
    const { url, inspect } = await inspector()
    const actor = createActor(counter, { inspect }).start()
    actor.send({ type: 'add' })
    const { entries } = await view(url)
    actor.send({ type: 'add' })
    await waitFor(() => expect(entries().filter(({ kind }) => kind === 'transition')).toHaveLength(2))
    expect(entries()).toContainEqual(
      expect.objectContaining({ kind: 'actor', actor: 'counter', change: 'started' }),
    )
    expect(entries()).toContainEqual(
      expect.objectContaining({ kind: 'transition', changed: [{ path: ['count'], before: 1, after: 2 }] }),
    )
  })

  it('gets the charts, laid out', async () => {
    const { url, inspect } = await inspector()
    createActor(counter, { inspect }).start()
    const { messages } = await view(url)
    await waitFor(() =>
      expect(messages()).toContainEqual(
        expect.objectContaining({
          type: 'chart',
          chart: 'counter',
          layouts: expect.objectContaining({ brief: expect.anything() }),
        }),
      ),
    )
  })

  it('cannot send events, unless that was asked for', async () => {
    const closed = await inspector()
    const actor = createActor(counter, { inspect: closed.inspect }).start()
    const { socket } = await view(closed.url)
    socket.send(JSON.stringify({ type: 'send', actor: 'counter', event: { type: 'add' } }))
    const open = await inspector({ allowSend: true })
    const other = createActor(counter, { inspect: open.inspect }).start()
    const second = await view(open.url)
    second.socket.send(JSON.stringify({ type: 'send', actor: 'counter', event: { type: 'add' } }))
    await waitFor(() => expect(other.getSnapshot().context.count).toBe(1))
    expect(actor.getSnapshot().context.count).toBe(0)
  })

  it('that sends nonsense changes nothing', async () => {
    const { url, inspect } = await inspector({ allowSend: true })
    const actor = createActor(counter, { inspect }).start()
    const { socket, texts } = await view(url)
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"type":"send"}',
      '{"type":"send","actor":"counter","event":null}',
      '{"type":"layout","chart":"../../package","model":null}',
      '{"type":"layout","chart":"x","model":{"id":"x","states":[{}],"transitions":[]}}',
    ])
      socket.send(text)
    socket.send(Buffer.from([1, 2, 3]))
    const before = texts.length
    await waitFor(() => expect(texts.length).toBeGreaterThan(before + 1))
    expect(actor.getSnapshot().context.count).toBe(0)
  })
})

describe('the buffer', () => {
  it('keeps the newest, counts what it dropped, and still knows every actor', async () => {
    const { url, inspect, recording, ...rest } = await inspector({ maxEntries: 100 })
    const actor = createActor(counter, { inspect }).start()
    for (let index = 0; index < 1000; index += 1) actor.send({ type: 'set', text: 'x' })
    const { entries, messages } = await view(url)
    await waitFor(() =>
      expect(entries().filter(({ kind }) => kind === 'transition').length).toBeGreaterThanOrEqual(100),
    )
    const [hello] = messages()
    expect(hello).toMatchObject({ type: 'hello', dropped: expect.any(Number) })
    expect(hello?.type === 'hello' ? hello.dropped : 0).toBeGreaterThan(800)
    expect(entries()).toContainEqual(
      expect.objectContaining({ kind: 'actor', actor: 'counter', change: 'present', state: 'low' }),
    )
    expect(entries()).toContainEqual(expect.objectContaining({ kind: 'dropped' }))
    expect(rest.viewers).toBe(0)
    const saved = parseRecording(recording())
    expect(saved.entries.length).toBeLessThan(130)
    expect(saved.entries).toContainEqual(expect.objectContaining({ kind: 'actor', change: 'present' }))
  })
})

it('closing ends the page and the watching, and nothing else', async () => {
  const { url, inspect, close, recording } = await inspector()
  const actor = createActor(counter, { inspect }).start()
  const { socket } = await view(url)
  const gone = new Promise((resolve) => {
    socket.once('close', resolve)
  })
  await Promise.all([close(), close()])
  await gone
  const before = recording()
  actor.send({ type: 'add' })
  expect(actor.getSnapshot().context.count).toBe(1)
  expect(recording()).toBe(before)
})

async function statusOf(url: URL, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  return await new Promise((resolve, reject) => {
    const call = request(url, { method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.once('error', reject)
    call.end()
  })
}
