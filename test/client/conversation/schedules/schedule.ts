import * as fc from 'fast-check'
import type { ReplayPolicy } from '../../../../machines/turn/resend.ts'
import type {
  ConnectionFault,
  ErrorFrame,
  Script,
  Turn,
  UpgradeAnswer,
} from '../../../../src/testing/index.ts'

/** One thing that happens. What makes no sense where it stands is passed over. */
export type Step =
  | { readonly do: 'respond' | 'cancel'; readonly conversation: number }
  /** Lets so many turns of the event loop pass, the clock standing still. */
  | { readonly do: 'wait'; readonly turns: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'strike'; readonly fault: ConnectionFault }
  | { readonly do: 'upgrades'; readonly answer: UpgradeAnswer }
  | { readonly do: 'forget' | 'forget-stored' | 'expire' | 'close' | 'connect' }

/** Conversations on one connection, what the server makes of their turns, and what else happens meanwhile. */
export interface Schedule {
  readonly script: Script
  readonly maxAgeMs: number | false
  readonly pingIntervalMs: number | false
  readonly maxRetries: number
  readonly conversations: readonly {
    readonly replay: ReplayPolicy
    readonly store: boolean
    readonly lane: string | undefined
  }[]
  /** What goes wrong with each response, in the order in which they begin. Those that follow are whole. */
  readonly responses: readonly Turn[]
  readonly warmUps: readonly Turn[]
  readonly steps: readonly Step[]
  /** `close` shakes hands at the end; `stop` just ends, with whatever is under way. */
  readonly end: 'close' | 'stop' | 'stop-at-once'
}

/** Which kind of endpoint: the client is told the truth about its lanes. */
export type Kind = 'lanes' | 'no-lanes'

const some = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const CODES = [
  'previous_response_not_found',
  'websocket_connection_limit_reached',
  'websocket_stream_limit_reached',
  'rate_limit_exceeded',
  'insufficient_quota',
  'server_is_overloaded',
  'server_error',
  'context_length_exceeded',
  'invalid_prompt',
  'invalid_api_key',
  null,
] as const

const errorFrame: fc.Arbitrary<ErrorFrame> = fc.record(
  {
    code: some(...CODES),
    status: some(400, 401, 404, 429, 500, 503),
    type: some('invalid_request_error', 'server_error', 'rate_limit_exceeded'),
    shape: some('nested', 'flat', 'detail'),
    statusField: some('status', 'status_code', 'none'),
    headers: fc.record({ 'retry-after-ms': some(50, 2_000, 90_000) }),
    headersIn: some('error', 'top', 'both'),
  },
  { requiredKeys: ['code', 'status'] },
)

const misdeed = <Name extends string>(name: Name, more: object = {}) =>
  fc.record({ do: fc.constant(name), ...more }, { requiredKeys: ['do'] })

/** Faults that hit a response as well as a whole connection. */
const common = [
  misdeed('close', { code: some(1000, 1001, 1008, 1011, 1012, 1013, 4000) }),
  misdeed('terminate', { reset: fc.boolean() }),
  fc.record({ do: fc.constant('silence' as const), ms: some(5, 200, 30_000) }),
  misdeed('silence'),
  fc.record({ do: fc.constant('stop-reading' as const), ms: some(5, 200, 30_000) }),
  misdeed('stale-event', {
    event: some('response.completed', 'response.failed', 'response.output_text.delta'),
  }),
  misdeed('unknown-event'),
  misdeed('keepalive'),
  misdeed('binary', { bytes: some(0, 16) }),
  misdeed('broken-json'),
  fc.record({ do: fc.constant('oversized' as const), bytes: some(64, 100_000) }),
] as const

const connectionFault = fc.oneof(...common) as fc.Arbitrary<ConnectionFault>

/** A connection that is just open has no old response to send an event of. */
const newbornFault = connectionFault.filter((fault) => fault.do !== 'stale-event')

const turnFault = fc
  .tuple(
    some('request', 'created', 'in-progress', 'delta', 'item', 'before-terminal', 'after-terminal'),
    some(1, 1, 1, 2),
    fc.oneof(
      ...common,
      fc.record({ do: fc.constant('delay' as const), ms: some(1, 20, 5_000, 100_000) }),
      misdeed('error', { error: errorFrame }),
      fc.record({ do: fc.constant('error' as const), error: errorFrame }),
      fc.record({ do: fc.constant('double-terminal' as const), lateMs: some(0, 1, 30), error: errorFrame }),
      misdeed('sequence-gap'),
      misdeed('omit-created'),
      misdeed('empty-output'),
      misdeed('done-dialect'),
    ),
  )
  .map(([at, nth, fault]) => ({ at, ...((at === 'delta' || at === 'item') && { nth }), ...fault }))

const turn = fc.record(
  {
    text: some<string | string[]>('ok', ['some ', 'words']),
    calls: some([{ name: 'look' }], [{ name: 'look' }, { name: 'see' }]),
    reasoning: some('hm'),
    delayMs: some(1, 10, 1_000),
    faults: fc.array(turnFault, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['faults', 'text'] },
)

const ending = fc.oneof(
  fc.record({ failed: fc.record({ code: some('server_error', 'rate_limit_exceeded', 'invalid_prompt') }) }),
  fc.record({ incomplete: fc.record({ reason: some('max_output_tokens', 'content_filter') }) }),
  fc.record({ error: errorFrame }),
)

const response = fc.oneof(
  { weight: 5, arbitrary: turn },
  { weight: 2, arbitrary: fc.tuple(turn, ending).map(([a, b]) => ({ ...a, ...b })) },
  { weight: 2, arbitrary: fc.record({ error: errorFrame }) },
  { weight: 2, arbitrary: fc.constant({}) },
) as fc.Arbitrary<Turn>

const warmUp = fc
  .array(turnFault, { maxLength: 1 })
  .map((faults) => ({ match: { warmup: true }, faults })) as fc.Arbitrary<Turn>

const upgrade = fc.oneof(
  fc.record(
    {
      status: some(401, 403, 404, 426, 429, 500, 503),
      headers: some({ 'retry-after-ms': 300 }, { 'retry-after': '7' }),
      delayMs: some(1, 50),
    },
    { requiredKeys: ['status'] },
  ),
  fc.constant({ stall: true }),
  fc.record({ reset: fc.constant(true) }),
  fc.record({ faults: fc.array(newbornFault, { minLength: 1, maxLength: 2 }) }),
) as fc.Arbitrary<UpgradeAnswer>

const step = (conversations: number): fc.Arbitrary<Step> => {
  const conversation = fc.nat({ max: conversations - 1 })
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('respond' as const), conversation }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), conversation }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: some(1, 2, 4) }) },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: some(1, 30, 1_500, 60_000) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('strike' as const), fault: connectionFault }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('upgrades' as const), answer: upgrade }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: some('forget', 'forget-stored', 'expire', 'close', 'connect') }),
    },
  )
}

const script = (lanes: Kind): fc.Arbitrary<Script> =>
  fc.record({
    mode: lanes === 'lanes' ? fc.constant('openai' as const) : some('generation-1', 'vercel'),
    limits: fc.record(
      {
        inFlight: lanes === 'lanes' ? some(1, 2, 16) : fc.constant(1),
        failedEvicts: fc.boolean(),
        closesOnError: fc.boolean(),
      },
      { requiredKeys: ['inFlight'] },
    ),
    age: fc.record(
      {
        maxMs: some(40_000, 200_000, null),
        announce: some('idle', 'next-create', 'both', 'none'),
        graceMs: some(0, 20),
        running: some('finish', 'cut'),
      },
      { requiredKeys: [] },
    ),
    warmup: fc.record({ created: fc.boolean() }),
    errors: fc.record({ shape: some('nested', 'flat') }),
  }) as fc.Arbitrary<Script>

export const schedules = (lanes: Kind): fc.Arbitrary<Schedule> =>
  fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.record({
      script: script(lanes),
      maxAgeMs: some<number | false>(false, 40_000, 200_000),
      pingIntervalMs: some<number | false>(false, 20_000),
      maxRetries: some(1, 5),
      conversations: fc.array(
        fc.record({
          replay: some<ReplayPolicy>('never', 'safe', 'unanswered'),
          store: fc.boolean(),
          lane: some(undefined, 'a', 'b'),
        }),
        { minLength: count, maxLength: count },
      ),
      responses: fc.array(response, { maxLength: 5 }),
      warmUps: fc.array(warmUp, { maxLength: 1 }),
      steps: fc.array(step(count), { minLength: 3, maxLength: 14 }),
      end: some('close', 'stop', 'stop-at-once'),
    }),
  )
