import { describe, expect, it } from 'vitest'
import type { ServerOptions, Turn } from '../../../src/testing/index.ts'
import { KEY, type Sent, adapter, sentTo } from '../harness.ts'
import { type Ask, type Client, type Target, clients } from './clients.ts'
import { model } from './model.ts'
import { LONG } from '../../support/effort.ts'

/** The whole matrix: `npm run test:long`. */
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** The client on the kept connection, and the same on plain HTTP. */
async function both(script: ServerOptions = {}, maxRetries = 0) {
  const one = await adapter({ model, ...script })
  const { server: plain } = await adapter({ model, ...script })
  const target: Target = { baseURL: one.server.baseUrl, apiKey: KEY, fetch: one.fetch, maxRetries }
  const overHttp: Target = { ...target, baseURL: plain.baseUrl, fetch }
  return { ...one, target, overHttp, plain }
}

/** What came of it, in a form that can be compared. */
async function outcome(
  client: Client,
  target: Target,
  ask: Ask,
): Promise<{ text: string } | { failed: true }> {
  try {
    return { text: await client.ask(target, ask) }
  } catch {
    return { failed: true }
  }
}

/** Forms of asking; for a client that streams only, the first is a stream too. */
const FORMS: readonly Omit<Ask, 'prompt'>[] = [{ isStream: false }, { isStream: true }]

/** Ids that differ from run to run. */
function stable(sent: readonly Sent[]): unknown {
  const text = JSON.stringify(sent.map(({ body }) => body))
  return JSON.parse(text.replaceAll(/\b(resp|msg|rs|fc|call|enc)_[\w-]+/g, '$1_0'))
}

const all = await clients()

describe.each(all)('$name', (client) => {
  it('sends what it has sent when this was written', async () => {
    const { overHttp, target, plain, sent } = await both()
    for (const form of FORMS) {
      await client.ask(overHttp, { prompt: 'the weather?', hasTools: true, ...form })
      await client.ask(target, { prompt: 'the weather?', hasTools: true, ...form })
    }
    await client.ask(overHttp, { prompt: 'look', image: IMAGE })
    const name = client.name.replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '')
    const file = { http: stable(sentTo(plain)), websocket: stable(sent()) }
    await expect(`${JSON.stringify(file, null, 2)}\n`).toMatchFileSnapshot(`sent/${name}.json`)
  })

  it('runs tools over several steps, and sends only their outputs', async () => {
    const { target, sent } = await both()
    for (const form of FORMS) {
      expect(await client.ask(target, { prompt: 'the weather?', hasTools: true, ...form })).toBe('all sunny')
    }
    const deltas = sent().filter(({ body }) => body['previous_response_id'] !== undefined)
    expect(deltas).toHaveLength(2)
    for (const { body } of deltas) {
      expect((body['input'] as { type: string }[]).map(({ type }) => type)).toEqual(
        Array.from({ length: 2 }, () => 'function_call_output'),
      )
    }
    expect(sent().every(({ transport }) => transport === 'websocket')).toBe(true)
  })

  it.runIf(client.name === '@openai/agents')('hands over to another agent on the same chain', async () => {
    const { target, sent } = await both()
    for (const form of FORMS) {
      expect(await client.ask(target, { prompt: 'hand over', ...form })).toBe('all sunny')
    }
    expect(sent().map(({ body }) => body['instructions'] as string)).toEqual([
      'Be brief.',
      'Help.',
      'Be brief.',
      'Help.',
    ])
    expect(sent().map(({ body }) => (body['input'] as unknown[]).length)).toEqual([1, 1, 1, 1])
  })

  it('gets texts, images and objects as over HTTP', async () => {
    const { target, overHttp } = await both()
    for (const ask of [
      { prompt: 'hi' },
      { prompt: 'hi', isStream: true },
      { prompt: 'look', image: IMAGE },
    ]) {
      expect(await client.ask(target, ask)).toBe(await client.ask(overHttp, ask))
    }
    if (client.object !== undefined) expect(await client.object(target, 'where?')).toEqual({ city: 'Paris' })
  })

  it('gets its own answers when twenty ask at once on one connection', async () => {
    const { target, server } = await both()
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`)
    const texts = await Promise.all(
      words.map((word, index) => client.ask(target, { prompt: `say ${word}`, isStream: index % 2 === 0 })),
    )
    expect(texts).toEqual(words)
    expect(server.connections()).toHaveLength(1)
  })

  it.each([
    ['a rate limit, once', [limited()], 1],
    ['a failure, always', Array.from({ length: 9 }, broken), 1],
    ['a response that failed', [{ failed: { code: 'server_error', message: 'no' } }], 0],
    ['a response that was cut short', [{ text: 'part', incomplete: { reason: 'max_output_tokens' } }], 0],
    ['a refusal that is final', [{ error: { status: 400, code: 'invalid_prompt' } }], 1],
  ] as [string, Turn[], number][])(
    'fails as over HTTP, and asks no more often: %s',
    async (_what, turns, retries) => {
      for (const isStream of LONG ? [false, true] : [true]) {
        const { target, overHttp, plain, sent } = await both({ turns }, retries)
        const ask = { prompt: 'hi', isStream }
        const [ours, theirs] = await Promise.all([
          outcome(client, target, ask),
          outcome(client, overHttp, ask),
        ])
        expect(ours).toEqual(theirs)
        expect(sent().length).toBeLessThanOrEqual(sentTo(plain).length)
        expect(await client.ask(target, { prompt: 'say after' }).catch(() => 'failed')).toBeTypeOf('string')
      }
    },
  )

  it.each(
    LONG ? (['request', 'created', 'delta', 'item', 'before-terminal'] as const) : (['delta'] as const),
  )('is told that its turn was lost at %s, asks no second time, and goes on', async (at) => {
    for (const isStream of LONG ? [false, true] : [true]) {
      const turns = [{ text: ['a', 'b'], faults: [{ at, do: 'terminate' as const }] }]
      const { target, sent } = await both({ turns }, 2)
      expect(await outcome(client, target, { prompt: 'hi', isStream })).toEqual({ failed: true })
      expect(sent()).toHaveLength(1)
      expect(await client.ask(target, { prompt: 'say again', isStream })).toBe('again')
    }
  })

  it('aborts, and the next request is clean', async () => {
    const { target, server } = await both({ turns: [{ text: ['never', 'ends'], delayMs: 60_000 }] })
    const abort = new AbortController()
    const asked = outcome(client, target, { prompt: 'hi', isStream: true, signal: abort.signal })
    await server.waitForCreate()
    abort.abort()
    expect(await asked).toSatisfy((value: object) => 'failed' in value || 'text' in value)
    expect(await client.ask(target, { prompt: 'say next' })).toBe('next')
  })

  it('with another key goes over HTTP, on that key', async () => {
    const { target, server, sent } = await both({ apiKey: [KEY, 'sk-second'] })
    expect(await client.ask(target, { prompt: 'say one' })).toBe('one')
    expect(await client.ask({ ...target, apiKey: 'sk-second' }, { prompt: 'say two' })).toBe('two')
    expect(sent().map(({ transport }) => transport)).toEqual(['websocket', 'http'])
    expect(server.connections()).toHaveLength(1)
  })

  it.each([426, 503])('goes over HTTP where the upgrade is refused with %i', async (status) => {
    const { target, server, sent } = await both()
    server.refuseUpgrades(status)
    expect(await client.ask(target, { prompt: 'say http', isStream: true })).toBe('http')
    expect(sent()).toMatchObject([{ transport: 'http' }])
  })
})

it('all clients are there where Node is new enough', () => {
  const isNew = Number(process.versions.node.split('.')[0]) >= 22
  expect(all.length).toBeGreaterThanOrEqual(isNew ? 6 : 5)
})

function limited(): Turn {
  return { error: { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': 1 } } }
}

function broken(): Turn {
  return { error: { status: 500, headers: { 'retry-after-ms': 1 } } }
}
