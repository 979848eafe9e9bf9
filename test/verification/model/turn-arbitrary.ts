import fc from 'fast-check'
import type { TurnModelOptions, TurnStep } from './turn-steps.ts'

const ended = fc.constantFrom<TurnStep>(
  { do: 'ended', end: 'completed' },
  { do: 'ended', end: 'completed', waits: true },
  { do: 'ended', end: 'incomplete', code: 'max_output_tokens' },
  { do: 'ended', end: 'incomplete', code: 'steered' },
  { do: 'ended', end: 'incomplete', code: 'steered' },
  { do: 'ended', end: 'failed', code: 'server_error' },
)

const errored = fc.constantFrom<TurnStep>(
  { do: 'errored', code: 'previous_response_not_found', status: 400 },
  { do: 'errored', code: 'websocket_connection_limit_reached', status: 400 },
  { do: 'errored', code: 'websocket_stream_limit_reached', status: 400 },
  { do: 'errored', code: 'invalid_stream_id', status: 400 },
  { do: 'errored', code: 'invalid_api_key', status: 401 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429, retryAfterMs: 7_000 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429, retryAfterMs: 60_001 },
  { do: 'errored', code: 'server_is_overloaded', status: 503, retryAfterMs: 2_000 },
  { do: 'errored', code: 'slow_down', status: 503 },
  { do: 'errored', code: 'server_error', status: 500 },
  { do: 'errored', code: 'invalid_prompt', status: 400 },
)

const other = fc.constantFrom<TurnStep>(
  { do: 'undeliverable' },
  { do: 'cut' },
  { do: 'faulted' },
  { do: 'cancel' },
)

const steering = fc.constantFrom<TurnStep>(
  { do: 'steer accepted' },
  { do: 'steer accepted' },
  { do: 'steer closed' },
)

const wait = fc.constantFrom(1, 999, 1_000, 25_100, 89_999).map((ms): TurnStep => ({ do: 'wait', ms }))

/** What leads on comes more often than what ends everything. */
export const turnStep: fc.Arbitrary<TurnStep> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<TurnStep>({ do: 'dispatch' }) },
  { weight: 4, arbitrary: fc.constantFrom<TurnStep>({ do: 'created' }, { do: 'output' }) },
  { weight: 3, arbitrary: fc.constantFrom<TurnStep>({ do: 'heard' }, { do: 'next' }) },
  { weight: 3, arbitrary: steering },
  { weight: 2, arbitrary: wait },
  { weight: 2, arbitrary: errored },
  { weight: 2, arbitrary: ended },
  { weight: 1, arbitrary: other },
)

export const turnOptions: fc.Arbitrary<TurnModelOptions> = fc.record(
  {
    policy: fc.constantFrom('never', 'safe', 'unanswered'),
    firstEventMs: fc.constantFrom<number | false>(false, 30_000, 90_000),
    interEventMs: fc.constantFrom<number | false>(false, 60_000, 900_000),
  },
  { requiredKeys: [] },
)
