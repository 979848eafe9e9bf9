import { describe, expect, it } from 'vitest'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { ConnectionError } from '../../../src/client/connection-error.ts'
import type { TurnError } from '../../../src/client/conversation/turn-error.ts'
import type { ServerEvent } from '../../../src/protocol/index.ts'
import type { Turn as TurnScript } from '../../../src/testing/index.ts'
import { outcomeOf, rest, talk } from './harness.ts'

const WORDS = "Invalid schema for function 'pay': 'additionalProperties' is required to be false."

/** Reads to the end, and gives what was read and what was thrown. */
async function readAll(events: AsyncIterable<ServerEvent>) {
  const types: string[] = []
  try {
    for await (const { type } of events) types.push(type)
  } catch (error) {
    return { types, error: error as TurnError }
  }
  return { types, error: null }
}

async function errorFrom(turn: TurnScript, more: Parameters<typeof talk>[0] = {}) {
  const { ask } = await talk({ ...more, server: { turns: [turn], ...more.server } })
  const { error } = await ask('pay')
  if (error === null) throw new Error('the turn was answered')
  return error
}

/** How a turn can end, and what the loop that reads it has to throw. */
const ENDS: readonly [string, TurnScript, string | null][] = [
  ['completed', { text: 'a b' }, null],
  ['incomplete', { text: 'a b', incomplete: { reason: 'max_output_tokens' } }, null],
  ['failed', { text: 'a b', failed: { code: 'server_error', message: 'no' } }, 'ERR_TURN_FAILED'],
  ['refused', { error: { status: 400, code: 'invalid_prompt' } }, 'ERR_TURN_REFUSED'],
  ['lost', { text: 'a b', faults: [{ at: 'delta', nth: 1, do: 'terminate' }] }, 'ERR_TURN_LOST'],
]

describe('the loop over the events of a turn', () => {
  it.each(ENDS)('tells how it ended: %s', async (outcome, script, code) => {
    const { conversation, clock } = await talk({ server: { turns: [script] } })
    const turn = conversation.respond('go')
    const all = readAll(turn)
    const { error } = await outcomeOf(turn, clock)
    const read = await all
    expect(turn.outcome).toBe(outcome)
    expect(read.error?.code ?? null).toBe(code)
    // The one error, for whoever listens.
    expect(read.error).toBe(error)
    if (outcome !== 'lost')
      expect(read.types.at(-1)).toBe(outcome === 'refused' ? 'error' : `response.${outcome}`)
  })

  it('throws to a reader that comes late, after the last event', async () => {
    const { ask } = await talk({ server: { turns: [{ text: 'a', failed: { code: 'server_error' } }] } })
    const { turn, error } = await ask('go')
    const read = await readAll(turn)
    expect(read.types.at(-1)).toBe('response.failed')
    expect(read.error).toBe(error)
  })

  it.each([
    ['break', () => 'break'],
    ['throw', () => 'throw'],
    ['return', () => 'return'],
  ])('cancels the turn when it is left by %s, and the next one starts clean', async (_name, how) => {
    const { conversation, clock } = await talk({
      server: { turns: [{ text: ['a', 'b', 'c'], delayMs: 10 }, { text: 'next' }] },
    })
    const turn = conversation.respond('go')
    const leave = async () => {
      for await (const { type } of turn) {
        if (type !== 'response.output_text.delta') continue
        if (how() === 'break') break
        if (how() === 'throw') throw new Error('enough')
        return
      }
    }
    const left = leave().catch((error: unknown) => error)
    expect((await outcomeOf(turn, clock)).error).toMatchObject({
      outcome: 'cancelled',
      progress: 'streaming',
    })
    await left
    expect((await outcomeOf(conversation.respond('next'), clock)).text).toBe('next')
  })

  it('is left at the last event without harm', async () => {
    const { conversation, clock } = await talk({ server: { turns: [{ text: 'a' }] } })
    const turn = conversation.respond('go')
    const leave = async () => {
      for await (const { type } of turn) if (type === 'response.completed') break
    }
    const left = leave()
    expect((await outcomeOf(turn, clock)).text).toBe('a')
    await left
    expect(conversation.history).toHaveLength(2)
  })

  it('is for one reader: a second is refused, and takes no event from the first', async () => {
    const { ask } = await talk({ server: { turns: [{ text: 'a' }] } })
    const { turn } = await ask('go')
    const first = turn[Symbol.asyncIterator]()
    const refused = expect.objectContaining({
      code: 'ERR_ALREADY_READ',
      message: expect.stringContaining('tee()'),
    })
    expect(() => turn[Symbol.asyncIterator]()).toThrow(refused)
    expect(() => turn.tee()).toThrow(refused)
    expect((await readAll({ [Symbol.asyncIterator]: () => first })).types.at(-1)).toBe('response.completed')
  })

  it('is for two after tee(): both get every event, and the error', async () => {
    const { conversation, clock } = await talk({
      server: { turns: [{ text: ['a', 'b'], delayMs: 5, failed: { code: 'server_error' } }] },
    })
    const turn = conversation.respond('go')
    await rest()
    const [one, two] = turn.tee()
    const both = Promise.all([readAll(one), readAll(two)])
    const { error } = await outcomeOf(turn, clock)
    const [first, second] = await both
    expect(first.types.at(-1)).toBe('response.failed')
    expect(first).toEqual(second)
    expect(first.error).toBe(error)
    expect(() => turn.tee()).toThrow(expect.objectContaining({ code: 'ERR_ALREADY_READ' }))
  })

  it('goes on after tee() while one of the two reads', async () => {
    const { conversation, clock } = await talk({ server: { turns: [{ text: ['a', 'b', 'c'], delayMs: 5 }] } })
    const turn = conversation.respond('go')
    const [one, two] = turn.tee()
    await one.return?.()
    const all = readAll(two)
    expect((await outcomeOf(turn, clock)).text).toBe('abc')
    expect((await all).types.at(-1)).toBe('response.completed')
  })
})

describe('an error says what the server said', () => {
  const headers = { 'x-request-id': 'req_9', 'x-ratelimit-remaining-tokens': 10, 'set-cookie': 'a=b' }
  const refusal = { status: 400, code: null, message: WORDS, param: 'tools[0].parameters', headers }
  const said = {
    status: 400,
    type: 'invalid_request_error',
    serverCode: null,
    serverMessage: WORDS,
    param: 'tools[0].parameters',
    requestId: 'req_9',
    headers: { 'x-request-id': 'req_9', 'x-ratelimit-remaining-tokens': '10' },
  }
  const overHttp = { connection: { httpFallback: true }, server: { upgrades: [{ status: 426, times: 99 }] } }

  it.each([
    ['a WebSocket', {}],
    ['HTTP', overHttp],
  ])('that refused the turn, over %s', async (_name, how) => {
    const error = await errorFrom({ error: refusal }, how)
    expect(error).toMatchObject({ code: 'ERR_TURN_REFUSED', ...said })
    expect(error.message).toContain(WORDS)
    expect(error.headers).toEqual(said.headers)
  })

  it.each([
    ['a WebSocket', {}],
    ['HTTP', overHttp],
  ])('that failed the response, over %s', async (_name, how) => {
    const failed = { code: 'server_error', message: 'Mention req_123 when you write to us.' }
    const error = await errorFrom({ text: 'ab', failed }, how)
    expect(error).toMatchObject({
      code: 'ERR_TURN_FAILED',
      serverCode: 'server_error',
      serverMessage: failed.message,
      resendIsSafe: false,
      usage: { total_tokens: expect.any(Number) },
      response: { status: 'failed' },
    })
    expect(error.message).toContain('req_123')
  })

  it.each(['nested', 'flat', 'detail'] as const)('in an error frame of the %s shape', async (shape) => {
    const error = await errorFrom({ error: { status: 400, code: null, message: WORDS, shape } })
    expect(error).toMatchObject({ serverMessage: WORDS })
    expect(error.message).toContain(WORDS)
  })

  it('when it refused the upgrade: cause is the error of the connection', async () => {
    const error = await errorFrom({ text: 'a' }, { server: { apiKey: 'another' } })
    expect(error).toMatchObject({
      code: 'ERR_TURN_UNSENT',
      outcome: 'unsent',
      progress: 'queued',
      status: 401,
      serverCode: 'invalid_api_key',
      serverMessage: expect.stringMatching(/key/i),
      remedy: 'renew',
      resendIsSafe: true,
    })
    expect(error.message).toContain(String(error.serverMessage))
    expect(error.message).toContain('Check the key.')
    expect(error.message).not.toContain('sending it again is safe')
    expect(error.cause).toBeInstanceOf(ConnectionError)
    expect(error.cause).toMatchObject({
      code: 'ERR_UNAUTHORIZED',
      status: 401,
      serverCode: 'invalid_api_key',
    })
  })

  it.each([{ error: 'Country not supported' }, { detail: 'Country not supported' }])(
    'in JSON of another shape: %j',
    async (body) => {
      const error = await errorFrom({ text: 'a' }, { server: { upgrades: [{ status: 403, body }] } })
      expect(error.serverMessage).toBe('Country not supported')
    },
  )

  it('and how the connection was lost under the turn', async () => {
    const error = await errorFrom({
      text: 'a b',
      faults: [{ at: 'delta', nth: 1, do: 'close', code: 1011, reason: 'keepalive ping timeout' }],
    })
    expect(error).toMatchObject({ code: 'ERR_TURN_LOST', status: null, serverMessage: null })
    expect(error.cause).toMatchObject({ code: 'ERR_CONNECTION_LOST', closeInfo: { code: 1011 } })
    expect(error.message).toContain('keepalive ping timeout')
  })

  it('and why nothing could be dialed', async () => {
    const connection = new ResponsesConnection({
      url: 'wss://no-such-host.invalid/v1/responses',
      apiKey: 'k',
      maxRetries: 0,
    })
    const error = await connection
      .conversation({ model: 'm' })
      .respond('a')
      .response.catch((thrown: unknown) => thrown)
    connection.stop()
    expect(error).toMatchObject({
      code: 'ERR_TURN_UNSENT',
      remedy: 'back-off',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      cause: { code: 'ERR_RETRIES_EXHAUSTED', errno: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
    })
  })

  it('on one line of the message, whatever it holds', async () => {
    const error = await errorFrom({ error: { status: 400, code: null, message: 'one\n\u001B[31mtwo' } })
    expect(error.serverMessage).toBe('one\n\u001B[31mtwo')
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001F]/)
  })
})

describe('an error in JSON', () => {
  it('says what happened and why, and holds nothing of what was asked or answered', async () => {
    const error = await errorFrom({ text: 'the answer', failed: { code: 'server_error', message: 'boom' } })
    const text = JSON.stringify(error)
    expect(JSON.parse(text)).toMatchObject({
      name: 'TurnError',
      code: 'ERR_TURN_FAILED',
      help: 'docs/errors.md#err_turn_failed',
      outcome: 'failed',
      serverMessage: 'boom',
    })
    expect(error.items).not.toEqual([])
    expect(text).not.toMatch(/the answer|pay/)
    expect(Object.keys(error)).not.toContain('items')
  })

  it('tells of a cause of ours whole, and of another by its name and code', async () => {
    const refused = await errorFrom({ text: 'a' }, { server: { apiKey: 'another' } })
    expect(JSON.parse(JSON.stringify(refused))).toMatchObject({
      cause: { code: 'ERR_UNAUTHORIZED', status: 401 },
    })
    const { conversation, clock } = await talk({ server: { turns: [{ text: 'a', delayMs: 10 }] } })
    const stop = new AbortController()
    const turn = conversation.respond('go', { signal: stop.signal })
    stop.abort(Object.assign(new Error('user 4711 left'), { code: 'LEFT' }))
    const { error } = await outcomeOf(turn, clock)
    expect(JSON.parse(JSON.stringify(error)).cause).toEqual({ name: 'Error', code: 'LEFT' })
  })
})

describe('a history that has become too long', () => {
  it.each([
    ['an error frame', { error: { status: 400, code: 'context_length_exceeded', message: 'too long' } }],
    ['a failed response', { failed: { code: 'context_length_exceeded', message: 'too long' } }],
  ])('has one remedy, in %s', async (_name, script) => {
    const error = await errorFrom(script)
    expect(error).toMatchObject({
      remedy: 'compact',
      message: expect.stringContaining('conversation.compact()'),
    })
  })
})

it('the text of a response is on it, also where the output came by items only', async () => {
  for (const output of ['full', 'empty'] as const) {
    const { conversation, clock } = await talk({
      server: {
        turns: [
          {
            text: 'one two',
            ...(output === 'empty' && { faults: [{ at: 'before-terminal', do: 'empty-output' }] }),
          },
        ],
      },
    })
    const turn = conversation.respond('go')
    await outcomeOf(turn, clock)
    expect((await turn.response).output_text).toBe('one two')
  }
})
