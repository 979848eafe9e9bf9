import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { ResponsesConnection } from '../../src/client/connection.ts'
import type { Conversation } from '../../src/client/conversation/conversation.ts'
import { defineTool } from '../../src/client/tools/index.ts'
import { isHoldlineError } from '../../src/protocol/errors.ts'
import { openai } from '../../src/protocol/index.ts'
import { SimulatedClock } from '../../src/testing/clock.ts'
import { FakeWs } from './fake-ws.ts'
import { frameTexts } from './frames.ts'
import { Random } from './random.ts'

/** Frames of one answer, at the most. */
const MOST_FRAMES = 300
/** Frames that are made at a time. */
const POOL = 4_000
/** Rounds of turns on one connection. */
const ROUNDS = 12
/** Simulated time in which every turn must be over, in ms: clocks, resends and their waits. */
const PATIENCE_MS = 600_000

export interface FuzzReport {
  frames: number
  turns: number
  /** How turns ended: `completed`, or the code of the error. */
  readonly outcomes: Map<string, number>
  /** What should not have been, with the seed's frames. */
  readonly faults: string[]
}

export interface FuzzOptions {
  readonly frames: number
  readonly seed: number
}

/** Answers from a pool of broken frames, and now and then a whole one. */
class Answers {
  readonly #random: Random
  readonly #report: FuzzReport
  #pool: string[] = []
  #left = 0
  #seed: number
  /** The last answers, for whoever asks what led to a fault. */
  last: string[] = []

  constructor(seed: number, report: FuzzReport) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#report = report
  }

  next(lane: string | null): string[] {
    if (this.#left <= 0) {
      this.#pool = frameTexts(POOL, (this.#seed += 1))
      this.#left = POOL * 25
    }
    const count = 1 + this.#random.below(MOST_FRAMES)
    const frames = Array.from(
      { length: count },
      () => this.#pool[this.#random.below(this.#pool.length)] as string,
    )
    if (this.#random.below(4) === 0)
      frames.push(...whole(lane, `resp_${this.#report.turns}_${this.#random.below(1e9)}`))
    this.#left -= frames.length
    this.#report.frames += frames.length
    this.last = [...this.last.slice(-2), JSON.stringify(frames).slice(0, 4_000)]
    return frames
  }

  chance(one: number): boolean {
    return this.#random.below(one) === 0
  }
}

function whole(lane: string | null, id: string): string[] {
  const label = lane === null ? {} : { stream_id: lane }
  const response = { id, status: 'completed', output: [] }
  return [
    JSON.stringify({
      type: 'response.created',
      response: { id, status: 'in_progress', output: [] },
      ...label,
    }),
    JSON.stringify({ type: 'response.output_text.delta', delta: 'a', ...label }),
    JSON.stringify({ type: 'response.completed', response, ...label }),
  ]
}

/** Two conversations at a time over a WebSocket whose server says nothing but what was broken on purpose. */
export async function fuzzSocket({ frames, seed }: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { frames: 0, turns: 0, outcomes: new Map(), faults: [] }
  const answers = new Answers(seed, report)
  const onCreate = (socket: FakeWs, lane: string | null): void => {
    for (const text of answers.next(lane)) socket.say(text, answers.chance(500))
    if (answers.chance(50)) socket.terminate()
  }
  while (report.frames < frames && report.faults.length === 0) {
    const clock = new SimulatedClock({ settle: loopTurns })
    const connection = new ResponsesConnection({
      url: 'ws://127.0.0.1:9/v1/responses',
      provider: { ...openai, url: 'ws://127.0.0.1:9/v1/responses' },
      apiKey: 'k',
      clock,
      minRetryDelayMs: 1,
      maxRetries: 1_000,
      socketFactory: () => new FakeWs(onCreate).asWebSocket(),
    })
    await talk(connection, clock, report, answers)
    connection.stop()
  }
  return report
}

/** The same over `POST …/responses`. */
export async function fuzzHttp({ frames, seed }: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { frames: 0, turns: 0, outcomes: new Map(), faults: [] }
  const answers = new Answers(seed, report)
  const server = createServer((request, answer) => {
    request.resume().once('end', () => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.end(
        answers
          .next(null)
          .map((text) => `data: ${text}\n\n`)
          .join(''),
      )
    })
  })
  server.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n'),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/responses`
  while (report.frames < frames && report.faults.length === 0) {
    const clock = new SimulatedClock({ settle: () => loopTurns(12) })
    const connection = new ResponsesConnection({ url, apiKey: 'k', clock, httpFallback: true })
    await talk(connection, clock, report, answers)
    connection.stop()
  }
  await closed(server)
  return report
}

async function talk(
  connection: ResponsesConnection,
  clock: SimulatedClock,
  report: FuzzReport,
  answers: Answers,
): Promise<void> {
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    schema: v.object({ at: v.string() }),
    execute: ({ at }) => at,
  })
  const options = { model: 'gpt-6-astra', tools: [look], firstEventTimeoutMs: 1_000, eventTimeoutMs: 2_000 }
  const talks = [1, 2].map(() => connection.conversation(options))
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = talks.map((one) => ask(one, report, answers.chance(2)))
    const settled = { all: false }
    void Promise.all(asked).then(() => (settled.all = true))
    for (let waited = 0; !settled.all && waited < PATIENCE_MS; waited += 20_000) await clock.advance(20_000)
    await loopTurns()
    if (!settled.all) report.faults.push(`a turn does not settle after\n${answers.last.join('\n')}`)
    if (report.faults.length > 0) return
  }
}

/** One turn, or a run of turns with tools. Whatever it fails with is an error of ours. */
async function ask(conversation: Conversation, report: FuzzReport, runs: boolean): Promise<void> {
  report.turns += 1
  try {
    if (runs) await conversation.run('again', { maxRounds: 3 })
    else {
      const turn = conversation.respond(nextInput(conversation))
      void readAll(turn)
      await turn.response
    }
    note(report, 'completed')
  } catch (error) {
    if (!isHoldlineError(error))
      report.faults.push(`an error that is none of ours: ${(error as Error).stack}`)
    else note(report, error.code)
  }
}

async function readAll(
  turn: AsyncIterable<{ type: string }> & { steer(input: string): unknown },
): Promise<void> {
  try {
    for await (const event of turn) {
      if (event.type === 'response.created') turn.steer('shorter')
    }
  } catch (error) {
    if (!isHoldlineError(error)) throw error
  }
}

/** Outputs for the calls that a broken answer may have left open. */
function nextInput(conversation: Conversation): never {
  const items = conversation.history as readonly { type?: string; call_id?: string }[]
  const answered = new Set(items.flatMap(({ type, call_id: id }) => (type?.endsWith('_output') ? [id] : [])))
  const open = new Map(
    items.flatMap(({ type, call_id: id }) =>
      (type === 'function_call' || type === 'custom_tool_call') && typeof id === 'string' && !answered.has(id)
        ? [[id, { type: `${type}_output`, call_id: id, output: 'x' }] as const]
        : [],
    ),
  )
  return [...open.values(), { role: 'user', content: 'again' }] as never
}

function note({ outcomes }: FuzzReport, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
}

async function loopTurns(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done))
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}
