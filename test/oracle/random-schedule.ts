import { Random } from './random.ts'
import {
  ACCEPT,
  ANSWER,
  type AnswerPlan,
  type ConversationPlan,
  type DialPlan,
  type Dialect,
  type EndName,
  POLITE,
  type Schedule,
  type Step,
} from './schedule.ts'

const CODES = [1000, 1001, 1005, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4402, 4999]
const STATUSES = [400, 401, 403, 404, 426, 429, 500, 502, 503, 504, 529]

/** The schedule that a seed stands for. */
export function randomSchedule(seed: number): Schedule {
  const random = new Random(seed)
  const mood = random.weighted({ polite: 1, bumpy: 5, hostile: 4 })
  const dialect = mood === 'hostile' ? dialectOf(random) : POLITE
  const isBumpy = mood !== 'polite'
  const count = 1 + random.below(3)
  return {
    seed,
    profile: random.weighted({ openai: 4, azure: 1, xai: 1, vercel: 1, own: 2 }),
    httpFallback: isBumpy && random.chance(0.2),
    dialect,
    conversations: Array.from({ length: count }, () => conversationOf(random)),
    steps: Array.from({ length: 3 + random.below(14) }, () => stepOf(random, isBumpy)),
    dials: Array.from({ length: random.below(4) }, () =>
      isBumpy && random.chance(0.3) ? dialOf(random) : ACCEPT,
    ),
    answers: Array.from({ length: 2 + random.below(8) }, () => answerOf(random, isBumpy, dialect)),
    endsWith: random.chance(0.8) ? 'close' : 'stop',
  }
}

function dialectOf(random: Random): Dialect {
  const lanes = random.weighted({ echo: 4, silent: 4, refuse: 1, 'refuse-detail': 1, junk: 1 })
  return {
    lanes,
    // One id for all lanes of a connection is not played: a continuation by it is answered from any of them.
    ids: random.weighted({
      own: 6,
      connection: lanes === 'echo' || lanes === 'junk' ? 0 : 2,
      changing: 1,
      none: 1,
    }),
    remembers: random.chance(0.8),
    closesOnError: random.chance(0.15),
    closesAfterAnswer: random.chance(0.15) ? random.pick([1000, 1001, 1011]) : null,
    endsWithDone: random.chance(0.15),
    emptyOutput: random.chance(0.2),
    bytes: random.weighted({ whole: 4, fragments: 1, segments: 1 }),
  }
}

function conversationOf(random: Random): ConversationPlan {
  return {
    replay: random.weighted({ safe: 5, never: 1, unanswered: 2 }),
    store: random.chance(0.2),
    tools: random.chance(0.5),
    ...(random.chance(0.15) && { lane: random.pick(['main', 'side']) }),
  }
}

function stepOf(random: Random, isBumpy: boolean): Step {
  const who = random.below(4)
  const name = random.weighted({
    ask: 9,
    wait: 5,
    fork: 1,
    warm: 0.5,
    ping: 0.3,
    stray: 0.7,
    connect: 0.4,
    cancel: isBumpy ? 1.2 : 0,
    abort: isBumpy ? 0.5 : 0,
    leave: isBumpy ? 0.2 : 0,
    cut: isBumpy ? 1.2 : 0,
    notice: isBumpy ? 0.5 : 0,
    retry: isBumpy ? 0.3 : 0,
    close: isBumpy ? 0.2 : 0,
  })
  switch (name) {
    case 'ask':
      return { do: 'ask', who, with: random.weighted({ respond: 3, run: 3, read: 2 }) }
    case 'wait':
      return { do: 'wait', ms: random.pick([1, 5, 50, 400, 1_000, 3_000, 12_000, 45_000]) }
    case 'cut':
      return { do: 'cut', ...endingOf(random) }
    case 'fork':
    case 'warm':
    case 'cancel':
    case 'abort':
    case 'leave':
      return { do: name, who }
    default:
      return { do: name }
  }
}

function endingOf(random: Random): { readonly how: EndName; readonly code?: number } {
  const how = random.weighted({ fin: 2, rst: 2, 'half-open': 1, close: 4 })
  return how === 'close' ? { how, code: random.pick(CODES.filter((code) => code !== 1005)) } : { how }
}

function dialOf(random: Random): DialPlan {
  const kind = random.weighted({
    refuse: 5,
    'stalled-refusal': 1,
    hang: 1,
    fin: 1,
    rst: 1,
    garbage: 0.5,
    'wrong-accept': 0.5,
    'close-at-once': 1,
  })
  return {
    kind,
    ...(kind.includes('refus') && { status: random.pick(STATUSES) }),
    ...(kind === 'close-at-once' && { code: random.pick([1000, 1008, 1011, 1013]) }),
    ...(random.chance(0.3) && { afterMs: random.pick([10, 900, 6_000]) }),
  }
}

function answerOf(random: Random, isBumpy: boolean, { ids, lanes }: Dialect): AnswerPlan {
  const timing = random.chance(0.5)
    ? { eachMs: random.pick([1, 5, 40]), firstMs: random.pick([0, 10, 300]) }
    : {}
  const reasoning = random.chance(0.2) ? { reasoning: true } : {}
  if (!isBumpy) return { kind: random.weighted({ text: 3, calls: 1 }), ...timing, ...reasoning }
  if (random.chance(0.3)) return { ...ANSWER, ...timing }
  const kind = random.weighted({
    text: 5,
    calls: 3,
    incomplete: 1,
    'truncated-calls': 0.6,
    failed: 1,
    refuse: 2.5,
    silent: 0.6,
    hang: 0.6,
  })
  const shape = {
    shape: random.pick([
      'nested',
      'nested',
      'flat',
      'detail',
      'untyped',
      'bare',
      'text',
      'numbers',
      'headers',
    ] as const),
  }
  if (kind === 'refuse') return { kind, refusal: random.pick(REFUSED), ...shape, ...timing }
  if (random.chance(0.06)) return { kind, notice: true, ...timing, ...reasoning }
  // A late terminal event that names nobody could be anybody's.
  const isNamed = ids === 'own' && lanes !== 'junk'
  return {
    kind,
    ...timing,
    ...reasoning,
    ...(random.chance(0.15) && { keepalives: 1 + random.below(3) }),
    ...(random.chance(0.08) && isNamed && { repeats: random.pick(['created', 'terminal', 'item'] as const) }),
    ...(random.chance(0.3) && terminalOf(random, isNamed)),
    ...(random.chance(0.2) && { inject: { at: random.below(7), what: random.pick(INJECTED) } }),
    ...(random.chance(0.2) && {
      cut: { share: random.next(), torn: random.chance(0.3), ...endingOf(random) },
    }),
    ...(random.chance(0.1) && { firstMs: 15_000 }),
    ...shape,
  }
}

function terminalOf(random: Random, isNamed: boolean): Partial<AnswerPlan> {
  const terminal = random.pick([
    'no-response',
    'null-response',
    'no-id',
    'no-status',
    'bad-output',
    'odd-fields',
    'error-only',
    'untyped-error',
    isNamed ? 'error-then-failed' : 'error-only',
  ] as const)
  return { terminal, ...(random.chance(0.5) && { eachMs: random.pick([10, 200]) }) }
}

const REFUSED = [
  'not-found',
  'age',
  'rate-limit',
  'overloaded',
  'server-error',
  'unauthorized',
  'quota',
  'context-length',
  'bad-request',
] as const

const INJECTED = [
  'keepalive',
  'unknown-type',
  'rate-limits',
  'ping',
  'broken-json',
  'binary',
  'no-type',
  'null',
  'item-without-item',
  'item-null',
  'delta-without-fields',
  'unknown-steer',
  'prototype',
  'bad-utf8',
  'reserved-bits',
  'masked',
  'own-event',
] as const
