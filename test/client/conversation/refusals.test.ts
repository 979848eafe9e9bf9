import { describe, expect, it } from 'vitest'
import { vercel } from '../../../src/protocol/providers.ts'
import type { ErrorFrame } from '../../../src/testing/index.ts'
import { type Answered, type TalkOptions, outcomeOf, rest, talk } from './harness.ts'

/** What must come of a refusal. */
interface Expected {
  /** Why the turn is sent again; null: it is not. */
  readonly resent: string | null
  readonly waitMs?: number
  readonly remedy?: string
  readonly isSafe?: boolean
}

interface Row extends Expected {
  readonly error: ErrorFrame
}

/** By code: the status says nothing that the code does not say better. */
const BY_CODE: readonly Row[] = [
  {
    error: { code: 'previous_response_not_found', status: 400, param: 'previous_response_id' },
    resent: 'replay',
    remedy: 'replay',
    isSafe: true,
  },
  {
    error: { code: 'websocket_connection_limit_reached', status: 400 },
    resent: 'fresh-connection',
    remedy: 'fresh-connection',
    isSafe: true,
  },
  {
    error: { code: 'websocket_stream_limit_reached', status: 400, param: 'stream_id' },
    resent: 'another-lane',
    remedy: 'another-lane',
    isSafe: true,
  },
  { error: { code: 'invalid_stream_id', status: 400 }, resent: null, remedy: 'none', isSafe: true },
  {
    error: { code: 'rate_limit_exceeded', status: 429 },
    resent: 'wait',
    waitMs: 1_000,
    remedy: 'wait',
    isSafe: true,
  },
  { error: { code: 'insufficient_quota', status: 429 }, resent: null },
  { error: { code: 'credit_balance_exhausted', status: 429 }, resent: null },
  { error: { code: 'billing_hard_limit_reached', status: 429 }, resent: null },
  { error: { code: 'usage_limit_reached', status: 429 }, resent: null },
  { error: { code: 'usage_not_included', status: 429 }, resent: null },
  {
    error: { code: 'server_is_overloaded', status: 503 },
    resent: 'back-off',
    waitMs: 1_000,
    remedy: 'back-off',
    isSafe: true,
  },
  {
    error: { code: 'slow_down', status: 503 },
    resent: 'back-off',
    waitMs: 1_000,
    remedy: 'back-off',
    isSafe: true,
  },
  {
    error: { code: 'server_error', status: 500 },
    resent: 'back-off',
    waitMs: 1_000,
    remedy: 'back-off',
    isSafe: true,
  },
  { error: { code: 'context_length_exceeded', status: 400 }, resent: null, remedy: 'compact' },
  { error: { code: 'invalid_prompt', status: 400 }, resent: null },
  { error: { code: 'cyber_policy', status: 400 }, resent: null },
  { error: { code: 'bio_policy', status: 400 }, resent: null },
  { error: { code: 'misalignment_policy_violation', status: 403 }, resent: null },
  { error: { code: 'content_policy_violation', status: 400 }, resent: null },
  { error: { code: 'invalid_api_key', status: 401 }, resent: 'renew', remedy: 'renew', isSafe: true },
  { error: { code: 'model_not_found', status: 404 }, resent: null },
  {
    error: { code: 'unsupported_parameter', status: 400, param: 'generate' },
    resent: null,
    remedy: 'drop-field',
    isSafe: true,
  },
  { error: { code: 'unsupported_parameter', status: 400, param: 'background' }, resent: null },
]

/** Without a code the status decides. */
const BY_STATUS: readonly Row[] = [
  { error: { code: null, status: 400, param: 'input' }, resent: null },
  { error: { code: null, status: 401 }, resent: 'renew', remedy: 'renew', isSafe: true },
  { error: { code: null, status: 403 }, resent: null },
  { error: { code: null, status: 404 }, resent: 'replay', remedy: 'replay', isSafe: true },
  { error: { code: null, status: 409 }, resent: null },
  { error: { code: null, status: 422 }, resent: null },
  { error: { code: null, status: 429 }, resent: 'wait', waitMs: 1_000, remedy: 'wait', isSafe: true },
  { error: { code: null, status: 500 }, resent: 'back-off', waitMs: 1_000, remedy: 'back-off', isSafe: true },
  { error: { code: null, status: 502 }, resent: 'back-off', waitMs: 1_000, remedy: 'back-off', isSafe: true },
]

/** The second turn of a conversation is refused like this, so that it has a chain to lose. */
async function refused(error: ErrorFrame, times: number, options: TalkOptions = {}) {
  const held = await talk({
    ...options,
    server: { turns: [{ text: 'one' }, { error, times }, { text: 'two' }], ...options.server },
  })
  await held.ask('first')
  return { ...held, answered: await held.ask('second') }
}

function expectRefused({ error, waitedMs }: Answered, { remedy = 'none', isSafe = false }: Expected): void {
  expect(error).toMatchObject({ code: 'ERR_TURN_REFUSED', outcome: 'refused', progress: 'sent', remedy })
  expect(error?.resendIsSafe).toBe(isSafe)
  expect(waitedMs).toBe(0)
}

/** What came of one refusal, in the words of a row. */
async function seenOf({ error }: Row) {
  const { answered, creates, resent } = await refused(error, 1)
  const { outcome = 'completed', remedy = null, resendIsSafe = null } = answered.error ?? {}
  const sent = creates().length - 1
  return { outcome, remedy, resendIsSafe, resent, sent, waitedMs: answered.waitedMs, text: answered.text }
}

function expectedOf({ resent, waitMs = 0, remedy = 'none', isSafe = false }: Row) {
  if (resent === null) {
    return { outcome: 'refused', remedy, resendIsSafe: isSafe, resent: [], sent: 1, waitedMs: 0, text: null }
  }
  const outcome = 'completed'
  return {
    outcome,
    remedy: null,
    resendIsSafe: null,
    resent: [resent],
    sent: 2,
    waitedMs: waitMs,
    text: 'two',
  }
}

const nameOf = ({ error }: Row): string =>
  `${error.code ?? 'no code'} (${error.status}${error.param ? `, ${error.param}` : ''})`
const named = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [nameOf(row), row])

describe.each(['nested', 'flat'] as const)('an error that answers a create, %s', (shape) => {
  it.each(named(BY_CODE))('%s', async (_name, row) => {
    const given: Row = { ...row, error: { ...row.error, shape } }
    expect(await seenOf(given)).toEqual(expectedOf(given))
  })
})

describe.each([
  ['nested, status', { shape: 'nested', statusField: 'status' }],
  ['nested, status_code', { shape: 'nested', statusField: 'status_code' }],
  ['detail', { shape: 'detail' }],
] as const)('an error without a code: %s', (_form, form) => {
  it.each(named(BY_STATUS))('%s', async (_name, row) => {
    const given: Row = { ...row, error: { type: 'upstream_error', ...row.error, ...form } }
    expect(await seenOf(given)).toEqual(expectedOf(given))
  })
})

describe('a code in error.type', () => {
  it.each(named(BY_CODE.filter(({ error }) => error.code !== 'unsupported_parameter')))(
    '%s',
    async (_name, row) => {
      const { code, ...error } = row.error
      const given: Row = { ...row, error: { ...error, code: null, type: String(code) } }
      expect(await seenOf(given)).toEqual(expectedOf(given))
    },
  )
})

describe('policy "never"', () => {
  it.each(named(BY_CODE.filter(({ resent }) => resent !== null)))(
    'does not send again: %s',
    async (_name, row) => {
      const { answered, creates, resent } = await refused(row.error, 1, { conversation: { replay: 'never' } })
      expectRefused(answered, row)
      expect(resent).toEqual([])
      expect(creates()).toHaveLength(2)
    },
  )
})

describe('how often a turn is sent again', () => {
  it.each([
    ['previous_response_not_found', 400, 1, 0],
    ['websocket_connection_limit_reached', 400, 1, 0],
    ['websocket_stream_limit_reached', 400, 1, 0],
    ['invalid_api_key', 401, 1, 0],
    ['rate_limit_exceeded', 429, 3, 13_000],
    ['server_is_overloaded', 503, 2, 5_000],
    ['server_error', 500, 2, 5_000],
  ] as const)('%s: %i, %i times', async (code, status, times, waitMs) => {
    const { answered, server, resent } = await refused({ code, status }, 20)
    expect(answered).toMatchObject({ waitedMs: waitMs, error: { outcome: 'refused', serverCode: code } })
    expect(answered.error?.resendIsSafe).toBe(true)
    expect(resent).toHaveLength(times)
    expect(server.creates()).toBe(2 + times)
  })
})

describe('where it is sent again', () => {
  const SAME = [1, 1, 1]
  const FRESH = [1, 1, 2]

  it.each([
    ['previous_response_not_found', SAME],
    ['rate_limit_exceeded', SAME],
    ['server_is_overloaded', SAME],
    ['websocket_connection_limit_reached', FRESH],
    ['invalid_api_key', FRESH],
  ] as const)('%s: on connections %j', async (code, connections) => {
    const { creates, answered } = await refused({ code, status: 400 }, 1)
    expect(answered.text).toBe('two')
    expect(creates().map(({ connection }) => connection)).toEqual(connections)
  })

  it('with the full history, where the server has lost the chain or the connection is another', async () => {
    for (const code of [
      'previous_response_not_found',
      'websocket_connection_limit_reached',
      'invalid_api_key',
    ]) {
      const { creates } = await refused({ code, status: 400 }, 1)
      const [, second, third] = creates()
      expect(second).toMatchObject({
        previous_response_id: expect.any(String),
        input: [{ content: 'second' }],
      })
      expect(third).not.toHaveProperty('previous_response_id')
      expect(third?.['input']).toMatchObject([
        { content: 'first' },
        { role: 'assistant' },
        { content: 'second' },
      ])
    }
  })

  it('on a lane that exists, when the connection has no more names', async () => {
    const { connection, conversation, creates, clock, ask } = await talk({
      server: { limits: { laneNames: 1 }, turns: [{ text: 'slow', delayMs: 10 }] },
    })
    const other = connection.conversation({ model: 'm' })
    const third = connection.conversation({ model: 'm' })
    // Two at once need a name of their own; a third one is one too many for this server.
    const first = conversation.respond('first')
    const second = other.respond('second')
    const last = third.respond('third')
    const answers = await Promise.all([first, second, last].map((turn) => outcomeOf(turn, clock)))
    expect(answers.map(({ error }) => error)).toEqual([null, null, null])
    expect(new Set(creates().map(({ stream_id: lane }) => lane)).size).toBeLessThanOrEqual(3)
    await ask('again')
  })

  it('where the server closes after errors, on the next connection', async () => {
    const { server, answered, creates } = await refused(
      { code: 'previous_response_not_found', status: 400 },
      1,
      {
        server: { mode: 'vercel' },
        connection: { provider: { ...vercel, url: 'ws://127.0.0.1:1/v1/responses' } },
      },
    )
    expect(answered).toMatchObject({ text: 'two', error: null })
    expect(creates().map(({ connection }) => connection)).toEqual([1, 1, 2])
    expect(server.creates()).toBe(3)
  })
})

describe('the wait that the server asks for', () => {
  const limited = { code: 'rate_limit_exceeded', status: 429 } as const

  it.each([
    ['retry-after-ms', { headers: { 'retry-after-ms': 1_500 } }, 1_500],
    ['retry-after', { headers: { 'retry-after': '7' } }, 7_000],
    ['headers on top', { headers: { 'retry-after-ms': 250 }, headersIn: 'top' }, 250],
    ['headers in both', { headers: { 'retry-after-ms': 250 }, headersIn: 'both' }, 250],
    ['headers of the flat shape', { headers: { 'retry-after-ms': 250 }, shape: 'flat' }, 250],
    ['a hint in the message', { message: 'Rate limit reached. Please try again in 1.898s.' }, 1_898],
    ['a hint of the flat shape', { message: 'Please try again in 20ms.', shape: 'flat' }, 20],
    ['the most that is waited for', { headers: { 'retry-after-ms': 60_000 } }, 60_000],
  ] as const)('%s', async (_name, more, waitMs) => {
    const { answered, resent } = await refused({ ...limited, ...more } as ErrorFrame, 1)
    expect(answered).toMatchObject({ text: 'two', waitedMs: waitMs })
    expect(resent).toEqual(['wait'])
  })

  it('is the application’s, when it is longer', async () => {
    const error = { ...limited, headers: { 'retry-after-ms': 60_001 } }
    const { answered, server } = await refused(error, 1)
    expectRefused(answered, { resent: null, remedy: 'wait', isSafe: true })
    expect(server.creates()).toBe(2)
  })

  it('of an overloaded server is at least our own', async () => {
    const headers = { 'retry-after-ms': 10 }
    const short = await refused({ code: 'server_is_overloaded', status: 503, headers }, 1)
    expect(short.answered.waitedMs).toBe(1_000)
    const long = await refused({ code: 'slow_down', status: 503, headers: { 'retry-after': '9' } }, 1)
    expect(long.answered.waitedMs).toBe(9_000)
  })

  it('can be cut short by cancel, and nothing more is sent', async () => {
    const { conversation, clock, server, ask } = await talk({
      server: { turns: [{ text: 'one' }, { error: limited, times: 9 }] },
    })
    await ask('first')
    const turn = conversation.respond('second')
    await rest()
    turn.cancel()
    const { error } = await outcomeOf(turn, clock)
    expect(error).toMatchObject({ code: 'ERR_TURN_CANCELLED', progress: 'queued', resendIsSafe: true })
    await clock.advance(60_000)
    expect(server.creates()).toBe(2)
  })
})

describe('an error after the server has begun to answer', () => {
  it.each(['created', 'in-progress', 'delta', 'item', 'before-terminal'] as const)(
    'at %s is a failure, and never sent again',
    async (at) => {
      for (const code of ['previous_response_not_found', 'rate_limit_exceeded', 'server_error']) {
        const { answered, server, resent, ask } = await refused({ code }, 1, {
          server: {
            turns: [{ text: 'one' }, { text: ['a', 'b'], faults: [{ at, do: 'error', error: { code } }] }],
          },
        })
        expect(answered.error).toMatchObject({
          code: 'ERR_TURN_FAILED',
          serverCode: code,
          resendIsSafe: false,
        })
        expect(answered.error?.progress).toMatch(/started|streaming/)
        expect(resent).toEqual([])
        expect(server.creates()).toBe(2)
        expect((await ask('third')).error).toBeNull()
      }
    },
  )
})

describe('after a refusal', () => {
  it('the history is as it was before, and the next turn carries it whole', async () => {
    const { conversation, creates, ask } = await refused({ code: 'invalid_prompt', status: 400 }, 1)
    expect(conversation.history).toHaveLength(2)
    expect((await ask('third')).error).toBeNull()
    expect(creates().at(-1)).not.toHaveProperty('previous_response_id')
    expect(creates().at(-1)?.['input']).toHaveLength(3)
  })
})
