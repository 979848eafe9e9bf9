import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { isToken } from '../../src/protocol/http-syntax.ts'
import { record } from '../../src/recording/record.ts'
import { FRAME_CHANNEL } from '../../src/socket/index.ts'
import { FRAME_TEXT_CHANNEL } from '../../src/socket/frame-channel.ts'

// A server plants our key in every field of what it sends, in every form; then everything that can be observed is
// searched for it.

const KEY = 'sk-proj-Ab3dEf6hIj9lMn2pQr5tUv8xYz-_1234567890~+~a'
const BEARER = `Bearer ${KEY}`
const hex = Buffer.from(KEY).toString('hex')

const FORMS: Record<string, string> = {
  plain: KEY,
  'with its scheme': BEARER,
  'upper case': KEY.toUpperCase(),
  'lower case': KEY.toLowerCase(),
  hex,
  'hex, upper case': hex.toUpperCase(),
  base64: Buffer.from(KEY).toString('base64'),
  'base64 of the header': Buffer.from(BEARER).toString('base64'),
  'base64 within a text': Buffer.from(`x-${KEY}-y`).toString('base64'),
  base64url: Buffer.from(KEY).toString('base64url'),
  'URL-encoded': encodeURIComponent(KEY),
  'every character URL-encoded': hex.replaceAll(/../g, '%$&'),
}

/** What nobody may see: of base64, what depends on the key alone. */
const TRACES = Object.values(FORMS).map((form) => form.slice(4, -4).replace('er sk-', 'sk-'))

/** Ways in which JSON can write the same text. */
const SPELLINGS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'slashes escaped': (text) => text.replaceAll('/', String.raw`\/`),
  'all escaped': (text) =>
    Array.from(text, (c) => String.raw`\u00${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
}

const M = '@mark@'
const response = {
  id: `resp_${M}`,
  object: 'response',
  status: 'completed',
  model: M,
  output: [] as object[],
}
const item = {
  id: `msg_${M}`,
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: M }],
}
const error = { type: M, code: M, message: `no: ${M}`, param: M, [M]: M }

const EVENTS: Record<string, object[]> = {
  'an error': [{ type: 'error', status: 400, error, headers: { [M]: M, 'x-request-id': M } }],
  'a flat error': [{ type: 'error', status: 400, code: M, message: M, param: M }],
  'an error of a lane': [{ type: 'error', status: 400, stream_id: M, error }],
  'an error with the key for its code alone': [{ type: 'error', status: 400, error: { code: M } }],
  'a response': [
    { type: 'response.created', response: { ...response, status: 'in_progress' }, stream_id: M },
    { type: 'response.created', response: { ...response, status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_text.delta', item_id: M, output_index: 0, content_index: 0, delta: M },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, output: [item], metadata: { [M]: M } } },
  ],
  'a failed response': [
    { type: 'response.created', response: { ...response, status: 'in_progress' } },
    { type: 'response.failed', response: { ...response, status: 'failed', error } },
  ],
  'an incomplete response': [
    { type: 'response.created', response: { ...response, status: 'in_progress' } },
    {
      type: 'response.incomplete',
      response: { ...response, status: 'incomplete', incomplete_details: { reason: M } },
    },
  ],
  'events of no known type': [{ type: M }, { type: `x.${M}`, [M]: M }, { type: 'error', status: 500, error }],
  steering: [
    { type: 'response.steer.failed', steer: { id: M, previous_response_id: M }, error },
    { type: `response.steer.${M}`, steer: { id: M } },
    { type: 'error', status: 400, error },
  ],
  'what is no event': [{ type: 5, key: M }, { key: M }, [M] as object, { type: 'error', status: 400, error }],
}

interface Echo {
  readonly events: object[]
  readonly form: string
  readonly spell: (text: string) => string
}

function texts({ events, form, spell }: Echo): string[] {
  return [...events.map((event) => JSON.stringify(event).replaceAll(M, spell(form))), `${form} is no JSON`]
}

async function listen(echo: Echo, transport: 'WebSocket' | 'HTTP' | 'refusal'): Promise<string> {
  const http = createServer((_request, answer) => answerHttp(answer, echo, transport))
  const upgrades = new WebSocketServer({ noServer: true })
  const sockets = new Set<{ destroy(): void }>()
  http.on('connection', (socket) => sockets.add(socket))
  http.on('upgrade', (request, socket, head) => {
    if (transport === 'WebSocket') {
      return upgrades.handleUpgrade(request, socket, head, (peer) => answerSocket(peer, echo))
    }
    const status = transport === 'HTTP' ? '426 Upgrade Required' : '400 Bad Request'
    const body = JSON.stringify({ error }).replaceAll(M, echo.spell(echo.form))
    // Names of headers are tokens, and Node writes them in lower case.
    const name = isToken(echo.form) ? `x-${echo.form}: 1\r\n` : ''
    socket.end(
      `HTTP/1.1 ${status}\r\nx-you-sent: ${echo.form}\r\n${name}` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
  upgrades.on('headers', (headers) => headers.push(`x-you-sent: ${echo.form}`))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    http.close()
  })
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/responses`
}

function answerSocket(peer: WebSocket, echo: Echo): void {
  peer.on('message', () => {
    for (const text of texts(echo)) peer.send(text)
    peer.send(Buffer.from(echo.form))
    // As much of it as a close frame holds: a key that is cut is one all the same.
    peer.close(1008, `You sent ${'x'.repeat(80)}${echo.form}`.slice(0, 123))
  })
}

function answerHttp(answer: ServerResponse, echo: Echo, transport: string): void {
  const fields = { 'x-you-sent': echo.form }
  if (transport === 'refusal') {
    answer.writeHead(400, { ...fields, 'content-type': 'application/json' })
    answer.end(JSON.stringify({ error }).replaceAll(M, echo.spell(echo.form)))
    return
  }
  answer.writeHead(200, { ...fields, 'content-type': 'text/event-stream' })
  answer.end(
    texts(echo)
      .map((text) => `data: ${text}\n\n`)
      .join(''),
  )
}

/** One turn, and everything that somebody could see of it. */
async function everythingOf(url: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'holdline-echo-'))
  const seen: unknown[] = []
  const note = (message: unknown): void => void seen.push(message)
  for (const channel of [FRAME_CHANNEL, FRAME_TEXT_CHANNEL]) subscribe(channel, note)
  const connection = new ResponsesConnection({
    url,
    apiKey: KEY,
    maxRetries: 0,
    httpFallback: true,
    inspect: (one) => {
      if ('event' in one) seen.push(one.event)
      if (one.type === '@xstate.snapshot') seen.push((one.snapshot as { context?: object }).context)
    },
  })
  connection.on('*', note)
  const recorders = [true, false].map((contents) =>
    record(connection.line, join(dir, `${contents}.jsonl`), { contents }),
  )
  const conversation = connection.conversation({
    model: 'm',
    firstEventTimeoutMs: 3_000,
    eventTimeoutMs: 3_000,
  })
  const turn = conversation.respond('hi')
  const events = (async () => {
    for await (const event of turn) seen.push(event)
  })().catch(note)
  seen.push(await turn.response.catch((reason: unknown) => reason))
  await events
  seen.push(conversation.history, connection.lastCloseInfo, connection.closedError)
  seen.push(conversation.actor.getPersistedSnapshot(), connection.line.getPersistedSnapshot())
  await connection.close()
  connection.stop()
  await Promise.all(recorders.map((recorder) => recorder.stop()))
  for (const channel of [FRAME_CHANNEL, FRAME_TEXT_CHANNEL]) unsubscribe(channel, note)
  const recorded = [true, false].map((contents) => readFileSync(join(dir, `${contents}.jsonl`), 'utf8'))
  rmSync(dir, { recursive: true })
  return [...seen.map(print), ...recorded].join('\n')
}

function print(value: unknown): string {
  if (value instanceof Error)
    return inspect(Object.assign({ stack: value.stack, cause: value.cause }, value), { depth: 5 })
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // An actor, which refers to itself.
    return inspect(value, { depth: 1 })
  }
}

function expectNothingIn(text: string): void {
  for (const trace of TRACES) {
    const at = text.indexOf(trace)
    expect(at === -1 ? '' : text.slice(Math.max(0, at - 120), at + 20)).toBe('')
  }
}

const spelled = fc.record({
  form: fc.constantFrom(...Object.values(FORMS)),
  spell: fc.constantFrom(...Object.values(SPELLINGS)),
  events: fc.constantFrom(...Object.values(EVENTS)),
})

describe.each(['WebSocket', 'HTTP', 'refusal'] as const)('over %s', (transport) => {
  it.each(transport === 'refusal' ? ['an error'] : Object.keys(EVENTS))(
    'the key is seen nowhere that a server plants in %s',
    async (name) => {
      const events = EVENTS[name] ?? []
      for (const form of [KEY, FORMS['base64'] ?? '']) {
        const text = await everythingOf(await listen({ events, form, spell: (plain) => plain }, transport))
        expect(text).toContain('[redacted]')
        expectNothingIn(text)
      }
    },
  )

  it('nor in any other form', async () => {
    await fc.assert(
      fc.asyncProperty(spelled, async (echo) => {
        expectNothingIn(await everythingOf(await listen(echo, transport)))
      }),
      { numRuns: 12 },
    )
  })
})

it('and a close reason that is cut within the key shows no beginning of it', async () => {
  const cut = { events: [], form: BEARER, spell: (text: string) => text }
  const text = await everythingOf(await listen(cut, 'WebSocket'))
  expect(text).not.toContain(KEY.slice(0, 8))
})
