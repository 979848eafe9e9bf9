import { describe, expect, it } from 'vitest'
import { failureVerdict } from '../../../machines/turn/failure-verdict.ts'
import { refusalVerdict } from '../../../machines/turn/refusal-verdict.ts'

describe('refusalVerdict', () => {
  it.each([
    ['previous_response_not_found', 400, 'replay', true],
    ['websocket_connection_limit_reached', 400, 'fresh-connection', true],
    ['websocket_stream_limit_reached', 400, 'another-lane', true],
    ['invalid_stream_id', 400, 'none', true],
    ['rate_limit_exceeded', 429, 'wait', true],
    ['insufficient_quota', 429, 'none', false],
    ['credit_balance_exhausted', 429, 'none', false],
    ['billing_hard_limit_reached', 429, 'none', false],
    ['usage_limit_reached', 429, 'none', false],
    ['usage_not_included', 429, 'none', false],
    ['server_is_overloaded', 503, 'back-off', true],
    ['slow_down', 503, 'back-off', true],
    ['server_error', 500, 'back-off', true],
    ['context_length_exceeded', 400, 'compact', false],
    ['invalid_prompt', 400, 'none', false],
    ['cyber_policy', 400, 'none', false],
    ['bio_policy', 403, 'none', false],
    ['misalignment_policy_violation', 403, 'none', false],
    ['invalid_api_key', 401, 'renew', true],
    ['model_not_found', 404, 'none', false],
    [null, 400, 'none', false],
    [null, 401, 'renew', true],
    [null, 404, 'replay', true],
    [null, 418, 'none', false],
    [null, 429, 'wait', true],
    [null, 500, 'back-off', true],
    [null, 503, 'back-off', true],
    [null, null, 'none', false],
    ['a_code_of_next_year', 400, 'none', false],
    ['a_code_of_next_year', 502, 'back-off', true],
  ] as const)('%s with status %s: %s, safe %s', (code, status, remedy, safe) => {
    expect(refusalVerdict({ code, status, errorType: 'invalid_request_error', param: null })).toEqual({
      remedy,
      safe,
    })
  })

  it('reads a code that stands in error.type', () => {
    const refusal = { code: null, status: 429, errorType: 'usage_limit_reached', param: null }
    expect(refusalVerdict(refusal)).toEqual({ remedy: 'none', safe: false })
  })

  it.each([
    // The endpoint has no lanes: the default one is there, and the field goes with the name.
    ['stream_id', 'another-lane', true],
    ['generate', 'drop-field', true],
    ['temperature', 'none', false],
  ] as const)('unsupported_parameter %s: %s', (param, remedy, safe) => {
    const refusal = { code: 'unsupported_parameter', status: 400, errorType: null, param }
    expect(refusalVerdict(refusal)).toEqual({ remedy, safe })
  })
})

describe('failureVerdict', () => {
  it.each([
    ['server_error', 'back-off'],
    ['vector_store_timeout', 'back-off'],
    ['rate_limit_exceeded', 'wait'],
    ['invalid_prompt', 'none'],
    ['data_residency_mismatch', 'none'],
    ['image_too_large', 'none'],
    ['bio_policy', 'none'],
    [null, 'none'],
  ])('%s: %s', (code, remedy) => {
    expect(failureVerdict(code)).toEqual({ remedy })
  })
})
