import fc from 'fast-check'
import type { OutsideConversationOptions } from './conversation-outside.ts'
import type { ConversationStep } from './conversation-steps.ts'

const SOCKETS = [1, 2, 3, 4, 5]

/** Of all these the one applies that is of the socket, and the lane, that there are. */
const grant = fc
  .record({
    do: fc.constant('grant' as const),
    socket: fc.constantFrom(...SOCKETS),
    lane: fc.constantFrom(undefined, 'mine'),
    unsent: fc.constantFrom(undefined, undefined, undefined, 'too large' as const, 'not open' as const),
  })
  .map(({ lane, unsent, ...step }) => ({ ...step, ...(lane && { lane }), ...(unsent && { unsent }) }))

const moved = fc.constantFrom(...SOCKETS).map((socket) => ({ do: 'moved' as const, socket }))

const ended = fc.constantFrom<ConversationStep>(
  ...[false, true].flatMap((stored): ConversationStep[] => [
    ...[1, 2, 3, 4].map(() => ({ do: 'ended', end: 'completed', stored }) as const),
    { do: 'ended', end: 'completed', stored, compacts: true },
    { do: 'ended', end: 'incomplete', code: 'max_output_tokens', stored },
    { do: 'ended', end: 'failed', code: 'server_error', stored },
  ]),
)

const errored = fc.constantFrom<ConversationStep>(
  { do: 'errored', code: 'previous_response_not_found', status: 400 },
  { do: 'errored', code: 'websocket_connection_limit_reached', status: 400 },
  { do: 'errored', code: 'websocket_stream_limit_reached', status: 400 },
  { do: 'errored', code: 'invalid_stream_id', status: 400 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429, retryAfterMs: 7_000 },
  { do: 'errored', code: 'slow_down', status: 503 },
  { do: 'errored', code: 'server_error', status: 500 },
  { do: 'errored', code: 'invalid_prompt', status: 400 },
)

const other = fc.constantFrom<ConversationStep>(
  { do: 'cut' },
  { do: 'cancel' },
  { do: 'refuse' },
  { do: 'steer' },
  { do: 'steer over' },
  ...[1, 2, 3, 4].map((length) => ({ do: 'forget', length }) as const),
)

const wait = fc.constantFrom(1, 999, 25_100, 89_999).map((ms) => ({ do: 'wait' as const, ms }))

/** What leads on comes more often than what ends everything. */
export const conversationStep: fc.Arbitrary<ConversationStep> = fc.oneof(
  { weight: 20, arbitrary: grant },
  { weight: 8, arbitrary: ended },
  {
    weight: 4,
    arbitrary: fc.constantFrom<ConversationStep>({ do: 'created' }, { do: 'output' }, { do: 'heard' }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<ConversationStep>(
      { do: 'respond' },
      { do: 'respond', items: 2 },
      { do: 'prime' },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<ConversationStep>({ do: 'hold' }, { do: 'release' }, { do: 'release' }),
  },
  { weight: 3, arbitrary: moved },
  { weight: 2, arbitrary: fc.constantFrom<ConversationStep>({ do: 'next' }) },
  { weight: 1, arbitrary: wait },
  { weight: 1, arbitrary: errored },
  { weight: 2, arbitrary: other },
)

export const conversationOptions: fc.Arbitrary<OutsideConversationOptions> = fc.record(
  {
    policy: fc.constantFrom('never', 'safe', 'unanswered'),
    begins: fc.constantFrom('new', 'new', 'fork', 'restored'),
    store: fc.boolean(),
    primes: fc.constantFrom(true, true, false),
  },
  { requiredKeys: [] },
)
