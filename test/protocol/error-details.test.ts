import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getOpenAIWebSocketErrorDetails, readErrorFrame } from '../../src/protocol/index.ts'
import type { ErrorEvent } from '../../src/protocol/index.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0)

const shapes: ReadonlyArray<[string, Omit<ErrorEvent, 'type'>, object]> = [
  [
    'nested',
    {
      status: 400,
      error: { type: 'invalid_request_error', code: 'invalid_stream_id', message: 'bad', param: 'stream_id' },
    },
    {
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_stream_id',
      message: 'bad',
      param: 'stream_id',
    },
  ],
  [
    'nested with nulls',
    { status: 500, error: { type: 'server_error', code: null, message: 'broken', param: null } },
    { status: 500, type: 'server_error', message: 'broken' },
  ],
  ['nested without status', { error: { code: 'server_error' } }, { code: 'server_error' }],
  [
    'flat',
    { code: 'server_error', message: 'broken', param: null, sequence_number: 7 },
    { code: 'server_error', message: 'broken' },
  ],
  ['flat with param', { code: null, message: 'no', param: 'input' }, { message: 'no', param: 'input' }],
  ['status_code', { status_code: 503, error: { code: 'slow_down' } }, { status: 503, code: 'slow_down' }],
  ['status and status_code', { status: 429, status_code: 500 }, { status: 429 }],
  [
    'detail in place of a message',
    { status: 400, error: { detail: 'Unsupported parameter: stream_id' } },
    { status: 400, message: 'Unsupported parameter: stream_id' },
  ],
  ['flat detail', { status: 400, detail: 'Unsupported' }, { status: 400, message: 'Unsupported' }],
  ['detail beside a message', { error: { message: 'this', detail: 'not this' } }, { message: 'this' }],
  ['detail that is no text', { error: { detail: [{ msg: 'x' }] } }, {}],
  [
    'code in the type',
    { status: 429, error: { type: 'usage_limit_reached', message: 'limit' } },
    { status: 429, type: 'usage_limit_reached', message: 'limit' },
  ],
  [
    'a mixture, where the inner object wins',
    { code: 'outer', message: 'outer', error: { code: 'inner' } },
    { code: 'inner', message: 'outer' },
  ],
  ['error null', { error: null, code: 'x' }, { code: 'x' }],
  ['nothing', {}, {}],
]

describe('getOpenAIWebSocketErrorDetails', () => {
  it.each(shapes)('reads the shape: %s', (_name, fields, details) => {
    expect(getOpenAIWebSocketErrorDetails({ type: 'error', ...fields })).toStrictEqual(details)
  })

  it('takes the type of the event for no type of the error', () => {
    expect(getOpenAIWebSocketErrorDetails({ type: 'error', code: 'x' })).not.toHaveProperty('type')
  })

  it('gives texts and numbers only, and never throws, whatever the frame', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('error', 'status', 'code', 'message', 'detail'), fc.jsonValue()),
        (more) => {
          const details = getOpenAIWebSocketErrorDetails({ ...more, type: 'error' } as ErrorEvent)
          for (const [key, value] of Object.entries(details)) {
            expect(typeof value).toBe(key === 'status' ? 'number' : 'string')
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('readErrorFrame', () => {
  it('gives null for what is not there', () => {
    expect(readErrorFrame({ type: 'error' }, NOW)).toStrictEqual({
      status: null,
      type: null,
      code: null,
      message: null,
      param: null,
      headers: {},
      retryAfterMs: null,
    })
  })

  it('merges the headers of both places, in lower case and as texts; the inner ones win', () => {
    const { headers } = readErrorFrame(
      {
        type: 'error',
        headers: { 'Retry-After': 9, 'X-Should-Retry': true, list: ['a'], nothing: null },
        error: { headers: { 'retry-after': '2', 'x-request-id': 'req_1' } },
      },
      NOW,
    )
    expect(headers).toStrictEqual({ 'retry-after': '2', 'x-should-retry': 'true', 'x-request-id': 'req_1' })
  })

  it('takes a header called __proto__ for a header', () => {
    const event = JSON.parse('{"type":"error","headers":{"__proto__":"x"}}') as ErrorEvent
    const { headers } = readErrorFrame(event, NOW)
    expect(Object.entries(headers)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  })

  it.each([
    ['outer header', { headers: { 'retry-after': 2 } }, 2000],
    ['inner header', { error: { headers: { 'retry-after-ms': '250' } } }, 250],
    ['date', { headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' } }, 30_000],
    ['hint', { error: { code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' } }, 1500],
    ['flat hint', { code: 'rate_limit_exceeded', message: 'Please try again in 20ms.' }, 20],
    [
      'header before hint',
      { headers: { 'retry-after': '3' }, code: 'rate_limit_exceeded', message: 'try again in 9s' },
      3000,
    ],
    ['hint of another error', { code: 'server_error', message: 'Please try again in 20s.' }, null],
  ])('finds the wait: %s', (_name, fields, retryAfterMs) => {
    expect(readErrorFrame({ type: 'error', ...fields }, NOW).retryAfterMs).toBe(retryAfterMs)
  })

  it('reads the error of a dialect too', () => {
    expect(readErrorFrame({ type: 'response.error', status: 500, error: { code: 'x' } }, NOW)).toMatchObject({
      status: 500,
      code: 'x',
    })
  })
})
