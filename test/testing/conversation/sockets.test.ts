import { expect, test } from 'vitest'
import { conversationChart } from '../../../machines/conversation/chart.ts'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { Witness } from '../../../src/testing/paths/witness.ts'
import { Talk, type TalkOptions, type TalkStep } from './run.ts'

const respond = (who: number = 0): TalkStep => ({ do: 'respond', who })
const fork: TalkStep = { do: 'fork', who: 0 }
const warmUp: TalkStep = { do: 'warm up', who: 0 }
const accept: TalkStep = { do: 'accept' }
const output = (which: number): TalkStep => ({ do: 'give', which, step: { do: 'output' } })
const created: TalkStep = { do: 'give', which: 0, step: { do: 'created' } }
const ended = (which: number = 0): TalkStep => ({
  do: 'give',
  which,
  step: { do: 'ended', end: 'completed' },
})
const refused = (code: string): TalkStep => ({
  do: 'give',
  which: 0,
  step: { do: 'errored', code, status: 400 },
})
/** A turn that ends well. */
const first: readonly TalkStep[] = [respond(), accept, ended()]

interface Scenario {
  readonly options?: Partial<TalkOptions>
  readonly steps: readonly TalkStep[]
}

/** For each thing that a conversation can do, how it is caused from outside. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'one turn continues the other': { steps: [...first, respond(), created, output(0), ended()] },
  'a turn that waits for its lane is given up': { steps: [respond(), { do: 'cancel', who: 0 }] },
  'there is no lane': { steps: [respond(), { do: 'refuse', status: 404 }] },
  'the server has forgotten': {
    steps: [...first, { do: 'forget' }, respond(), ended()],
  },
  'another socket is needed': {
    steps: [...first, respond(), refused('websocket_connection_limit_reached'), accept, ended()],
  },
  'there is no further lane': {
    steps: [...first, respond(), refused('websocket_stream_limit_reached'), ended()],
  },
  'a fork holds a turn': { steps: [...first, fork, respond(1), respond(), output(0), ended(), ended()] },
  'two forks hold a warm-up': {
    steps: [...first, fork, fork, respond(1), respond(2), warmUp, output(0), output(1), ended(2)],
  },
  'a fork holds nothing': { steps: [...first, fork, respond(1), output(0), respond()] },
  'a fork holds a turn that has waited for its lane before': {
    options: { lanes: 'two' },
    steps: [
      ...first,
      fork,
      fork,
      fork,
      respond(1),
      respond(2),
      output(0),
      output(1),
      respond(3),
      respond(),
      ended(0),
      ended(0),
      output(0),
      ended(0),
      ended(0),
    ],
  },
  'a response that says nothing for a while': {
    steps: [respond(), accept, created, { do: 'wait', ms: 100_000 }, output(0), ended()],
  },
  'the line has moved': {
    steps: [...first, { do: 'wait', ms: 300_000 }, accept, ended(), respond(), ended()],
  },
  'the line has moved, and the endpoint knows no warm-ups': {
    options: { warmUp: false },
    steps: [...first, { do: 'wait', ms: 300_000 }, accept, respond(), ended()],
  },
  'a warm-up gives way': { steps: [...first, warmUp, respond(), ended(0), ended(0)] },
  'a compaction in a response': {
    steps: [...first, respond(), { do: 'end compacted', which: 0 }, respond(), ended()],
  },
  'a compaction that was asked for': {
    steps: [...first, { do: 'compact', who: 0 }, accept, respond(), ended()],
  },
  'a steer that fails': {
    steps: [
      respond(),
      accept,
      created,
      { do: 'steer', who: 0 } as const,
      { do: 'give', which: 0, step: { do: 'steer closed' } } as const,
      ended(),
    ],
  },
}

const NOT_ASKED = 'the line gives no lane that nobody waits for: requests are taken back before the turn ends'
const BUSY = 'the class refuses a second turn before the chart is asked'

/** What real sockets cannot be made to do. The generated paths do it on the bare chart. */
const REASONS: Readonly<Record<string, string>> = {
  'conversation|lane.granted|0': NOT_ASKED,
  'conversation.busy.resting|lane.granted|0': NOT_ASKED,
  'conversation.busy|lane.granted|0': NOT_ASKED,
  'conversation.busy|lane.granted|0: yes': NOT_ASKED,
  'conversation.busy|respond|0: no': BUSY,
}

type Ran = Path<TalkStep, TalkOptions>

const ran = new Map<string, Promise<Ran>>()

/** Runs a scenario once, with everything that is checked after each of its steps. */
function runOf(goal: string): Promise<Ran> {
  const known = ran.get(goal) ?? run(goal)
  ran.set(goal, known)
  return known
}

async function run(goal: string): Promise<Ran> {
  const { steps = [], options: more } = SCENARIOS[goal] ?? {}
  const witness = new Witness(conversationChart)
  const options: TalkOptions = {
    network: 'tcp',
    lanes: 'many',
    policy: 'safe',
    store: false,
    ...more,
    inspect: witness.inspect,
  }
  const talk = await Talk.begin(options)
  try {
    for (const step of steps) await talk.take(step)
    const moves = witness.takeMoves()
    await talk.finish()
    return { kind: 'extra', goal, profile: '', options, steps, moves }
  } finally {
    await talk.end()
  }
}

test.each(Object.keys(SCENARIOS))('over TCP: %s', async (goal) => {
  expect((await runOf(goal)).moves).not.toEqual([])
})

test('nothing that a conversation can do is left out over TCP', async () => {
  const paths: Ran[] = []
  for (const goal of Object.keys(SCENARIOS)) paths.push(await runOf(goal))
  const subject = { machine: conversationChart, profiles: {}, explore: notExplored, reasons: REASONS }
  const { gaps } = coverageOf({ subject, explorations: [], paths })
  expect(gaps.map(({ id }) => id)).toEqual([])
})

function notExplored(): never {
  throw new Error('These paths are written down.')
}
