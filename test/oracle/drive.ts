import * as v from 'valibot'
import {
  type ConnectionOptions,
  type Conversation,
  ResponsesConnection,
  type Turn,
  azure,
  defineTool,
  openai,
  vercel,
  xai,
} from '../../src/index.ts'
import { SimulatedClock, settle } from '../../src/testing/clock.ts'
import { numberIn } from './answer.ts'
import { keyOf } from './context.ts'
import { type Item, type Report, type TurnRecord, canonical } from './records.ts'
import { type ConversationPlan, POLITE, type Schedule, type Step } from './schedule.ts'
import { OracleServer } from './server.ts'

const OWN = {
  ...openai,
  name: 'own',
  lanes: { inFlight: 3, names: 4 },
  steering: false,
  maxAgeMs: 60_000,
  closesOnError: false,
}
const PROFILES = { openai, azure, xai, vercel, own: OWN }

export const FIRST_EVENT_MS = 20_000
export const BETWEEN_EVENTS_MS = 30_000
/** Longer than every clock, wait and budget of a schedule one after the other. */
const LONGEST_MS = 3_600_000
const STEP_MS = 20_000
/** Real time for sockets to end that the client has let go. */
const PATIENCE_MS = 1_000

interface Member {
  readonly conversation: Conversation
  readonly plan: ConversationPlan
  record: TurnRecord | null
  turn: Turn | null
  abort: AbortController
}

/** Runs one schedule against an oracle of its own, and brings home what is to be judged. */
export async function drive(schedule: Schedule): Promise<Report> {
  const uncaught: string[] = []
  const onUncaught = (error: unknown): void => {
    uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  process.on('uncaughtException', onUncaught)
  process.on('unhandledRejection', onUncaught)
  try {
    return { ...(await new Driver(schedule).run()), uncaught }
  } finally {
    process.off('uncaughtException', onUncaught)
    process.off('unhandledRejection', onUncaught)
  }
}

class Driver {
  readonly #schedule: Schedule
  readonly #clock = new SimulatedClock()
  /** Timers of the client alone: the oracle waits on the same clock. */
  readonly #timers = new Set<unknown>()
  readonly #oracle: OracleServer
  readonly #members: Member[] = []
  readonly #turns: TurnRecord[] = []
  readonly #toolRuns: string[] = []
  readonly #open = new Set<string>()
  #serial = 0

  constructor(schedule: Schedule) {
    this.#schedule = schedule
    this.#oracle = new OracleServer(schedule, this.#clock)
  }

  async run(): Promise<Omit<Report, 'uncaught'>> {
    const { steps, conversations } = this.#schedule
    const connection = new ResponsesConnection(this.#options(await this.#oracle.listen()))
    for (const plan of conversations) this.#add(this.#openConversation(connection, plan), plan)
    for (const step of steps) {
      this.#take(step, connection)
      await this.#clock.advance(step.do === 'wait' ? step.ms : 0)
    }
    for (let waited = 0; this.#open.size > 0 && waited < LONGEST_MS; waited += STEP_MS) {
      await this.#clock.advance(STEP_MS)
    }
    const unsettled = [...this.#open]
    this.#open.clear()
    const leftBehind = await this.#end(connection)
    await this.#oracle.close()
    const wasPolite = isPolite(this.#schedule)
    const { problems } = this.#oracle
    return {
      ...this.#oracle.report(),
      turns: this.#turns,
      toolRuns: this.#toolRuns,
      leftBehind,
      wasPolite,
      unsettled,
      ...(problems.length > 0 && { leftBehind: [...leftBehind, ...problems] }),
    }
  }

  #options(url: string): ConnectionOptions {
    const { profile, httpFallback } = this.#schedule
    const clock = {
      setTimeout: (fn: () => void, ms: number): unknown => {
        const id = this.#clock.setTimeout(() => {
          this.#timers.delete(id)
          fn()
        }, ms)
        this.#timers.add(id)
        return id
      },
      clearTimeout: (id: unknown): void => {
        this.#timers.delete(id)
        this.#clock.clearTimeout(id)
      },
    }
    return {
      url,
      apiKey: 'sk-oracle-key',
      provider: PROFILES[profile],
      clock,
      jitter: 'none',
      httpFallback,
      ...(profile === 'own' && { turnBudgetMs: 10_000 }),
    }
  }

  #openConversation(connection: ResponsesConnection, plan: ConversationPlan): Conversation {
    const work = defineTool({
      name: 'work',
      description: 'Works.',
      schema: v.object({ text: v.string() }),
      execute: (_args, { callId }) => {
        this.#toolRuns.push(callId)
        if (callId.endsWith('b')) throw new Error('this one fails')
        return `done ${callId}`
      },
    })
    return connection.conversation({
      model: 'm',
      id: `conversation-${this.#members.length + 1}`,
      replay: plan.replay,
      store: plan.store,
      firstEventTimeoutMs: FIRST_EVENT_MS,
      eventTimeoutMs: BETWEEN_EVENTS_MS,
      ...(plan.tools && { tools: [work] }),
      ...(plan.lane !== undefined && { lane: plan.lane }),
    })
  }

  #add(conversation: Conversation, plan: ConversationPlan): void {
    const member: Member = { conversation, plan, record: null, turn: null, abort: new AbortController() }
    this.#members.push(member)
    conversation.on('turn.settled', ({ result }) => {
      const record = this.#turns.find(({ id }) => id === result.turnId)
      record?.settled.push({ by: 'event', at: this.#clock.now(), outcome: result.outcome })
    })
  }

  #take(step: Step, connection: ResponsesConnection): void {
    if ('who' in step) return this.#talk(step, this.#members[step.who % this.#members.length] as Member)
    if (step.do === 'cut') this.#oracle.cut(step.how, step.code)
    else if (step.do === 'notice') this.#oracle.notice()
    else if (step.do === 'stray') this.#oracle.stray()
    else if (step.do === 'ping') this.#oracle.ping()
    else if (step.do === 'wake') this.#oracle.wake()
    else if (step.do === 'retry') connection.retry()
    else if (step.do === 'connect') this.#follow('connect', connection.connect())
    else if (step.do === 'close') this.#follow('close', connection.close())
  }

  #talk(step: Extract<Step, { who: number }>, member: Member): void {
    const { conversation } = member
    try {
      if (step.do === 'ask') this.#ask(member, step.with)
      else if (step.do === 'fork') this.#add(conversation.fork(), member.plan)
      else if (step.do === 'warm') this.#follow('warm-up', conversation.warmUp())
      else if (step.do === 'leave') this.#leave(member)
      else this.#giveUp(member, step.do)
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }

  #ask(member: Member, how: 'respond' | 'run' | 'read'): void {
    const { conversation, plan } = member
    if (conversation.turn !== null) return
    const text = `q${(this.#serial += 1)}`
    const input: Item[] = [...owed(conversation.history as readonly Item[])]
    input.push({ type: 'message', role: 'user', content: text })
    member.abort = new AbortController()
    const { signal } = member.abort
    if (how === 'run' && plan.tools) {
      const onTurn = (turn: Turn): void => this.#record(member, turn, false)
      this.#follow('run', conversation.run(input as never, { signal, onTurn }))
    } else this.#record(member, conversation.respond(input as never, { signal }), how === 'read')
  }

  #record(member: Member, turn: Turn, isRead: boolean): void {
    const { conversation } = member
    // Outputs of tools are history already, whatever becomes of the turn.
    const before = conversation.history as readonly Item[]
    const kept = new Set(before.map(canonical))
    const input = (turn.input as readonly Item[]).filter((item) => !kept.has(canonical(item)))
    const record: TurnRecord = {
      id: turn.id,
      who: this.#members.indexOf(member),
      key: keyOf([...before, ...input]),
      startedAt: this.#clock.now(),
      before,
      input,
      replay: member.plan.replay,
      wasCancelled: false,
      settled: [],
      response: null,
      error: null,
      seen: new Set(),
      after: null,
    }
    member.record = record
    member.turn = turn
    this.#turns.push(record)
    if (isRead) this.#follow('read', this.#read(turn, record))
    this.#follow(`turn ${turn.id}`, this.#await(turn, record, conversation))
  }

  async #await(turn: Turn, record: TurnRecord, conversation: Conversation): Promise<void> {
    try {
      record.response = (await turn.response) as unknown as Item
      note(record, record.response)
    } catch (error) {
      const { code, resendIsSafe = null, items, message } = error as Failure
      record.error = { code, resendIsSafe, text: message }
      note(record, items)
    }
    record.settled.push({ by: 'promise', at: this.#clock.now(), outcome: String(turn.outcome) })
    record.after = conversation.history as readonly Item[]
  }

  async #read(turn: Turn, record: TurnRecord): Promise<void> {
    for await (const event of turn) note(record, event)
  }

  #giveUp(member: Member, how: 'cancel' | 'abort'): void {
    if (member.record !== null && member.record.settled.length === 0) member.record.wasCancelled = true
    if (how === 'abort') member.abort.abort()
    else member.turn?.cancel()
  }

  #leave(member: Member): void {
    if (member.record !== null && member.record.settled.length === 0) member.record.wasCancelled = true
    member.conversation.close()
  }

  /** Whatever comes of it, it has to settle. */
  #follow(name: string, promise: Promise<unknown>): void {
    const label = `${name} #${(this.#serial += 1)}`
    this.#open.add(label)
    void this.#settled(label, promise)
  }

  async #settled(label: string, promise: Promise<unknown>): Promise<void> {
    try {
      await promise
    } catch (error) {
      if (!isRefusal(error)) throw error
    } finally {
      this.#open.delete(label)
    }
  }

  /** Ends everything, and says what is left. */
  async #end(connection: ResponsesConnection): Promise<string[]> {
    if (this.#schedule.endsWith === 'close') {
      this.#follow('close', connection.close())
      for (let waited = 0; this.#open.size > 0 && waited < 120; waited += 1) await this.#clock.advance(1_000)
      if (this.#open.size > 0) return ['close() did not settle']
    } else connection.stop()
    this.#oracle.wake()
    const deadline = performance.now() + PATIENCE_MS
    await settle()
    while (this.#oracle.open > 0 && performance.now() < deadline) await settle(8)
    const left: string[] = []
    if (this.#oracle.open > 0) left.push(`${this.#oracle.open} connection(s) still open`)
    if (this.#timers.size > 0) left.push(`${this.#timers.size} timer(s) still set`)
    connection.stop()
    return left
  }
}

interface Failure {
  readonly code: string
  readonly resendIsSafe?: boolean
  readonly items?: unknown
  readonly message: string
}

/** Outputs for the calls that nobody has answered. */
function owed(history: readonly Item[]): Item[] {
  const answered = new Set(
    history.filter(({ type }) => type === 'function_call_output').map((one) => one['call_id']),
  )
  return history
    .filter(({ type, call_id: id }) => type === 'function_call' && !answered.has(id))
    .map(({ call_id: id }) => ({
      type: 'function_call_output',
      call_id: id,
      output: `by hand ${String(id)}`,
    }))
}

function note(record: TurnRecord, shown: unknown): void {
  for (const n of numberIn(JSON.stringify(shown) ?? '')) record.seen.add(n)
}

/** An error with a code of Holdline's, or the reason of our own abort. Anything else is a fault. */
function isRefusal(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return (typeof code === 'string' && code.startsWith('ERR_')) || name === 'AbortError'
}

/** What stays inside the profile's own rules: then every turn has to complete. */
function isPolite({ dialect, dials, answers, steps, profile, conversations }: Schedule): boolean {
  const lanesFit = profile === 'openai' || profile === 'own'
  return (
    lanesFit &&
    conversations.length > 0 &&
    JSON.stringify({ ...dialect, bytes: 'whole' }) === JSON.stringify(POLITE) &&
    dials.every(({ kind }) => kind === 'accept') &&
    answers.every(
      ({ kind, terminal, cut, notice, inject, eachMs = 0, firstMs = 0 }) =>
        (kind === 'text' || kind === 'calls') &&
        terminal === undefined &&
        cut === undefined &&
        notice === undefined &&
        inject === undefined &&
        eachMs < 1000 &&
        firstMs < 1000,
    ) &&
    steps.every((step) =>
      ['ask', 'fork', 'wait', 'ping', 'stray', 'warm', 'connect', 'wake'].includes(step.do),
    )
  )
}
