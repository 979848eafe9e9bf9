import pLimit from 'p-limit'
import * as v from 'valibot'
import { parseOptions } from '../../protocol/options/parse.ts'
import { HoldlineError } from '../../protocol/errors.ts'
import type { TurnResent } from '../../../machines/conversation/types.ts'
import type {
  FunctionCallItem,
  ServerEvent,
  TextOptions,
  TurnResponse,
  UsageInfo,
} from '../../protocol/index.ts'
import { checkedArguments } from '../tools/call-arguments.ts'
import { CallProblem, tookTooLong } from '../tools/call-problem.ts'
import { type CallOutcome, runCall } from '../tools/run-call.ts'
import { type CallSettings, type ToolClock, type ToolEvent, runSettings } from '../tools/run-options.ts'
import { answerTo } from '../tools/run-tool-calls.ts'
import { toolsByName } from '../tools/tool-set.ts'
import type { Tool } from '../tools/tool.ts'
import type { Calls, OpenCall, RunningCall } from './calls.ts'
import { type ConversationInput, type History, badInput, toItems } from './history.ts'
import type { RunOptions, RunResult, RunSink } from './run.ts'
import { type StructuredOutput, refusalIn, structuredOutput } from './structured-output.ts'
import type { Turn } from './turn.ts'
import type { RespondOptions } from './options.ts'
import { addUsage } from './usage.ts'

/** What a run needs of its conversation. */
export interface RunHost {
  readonly calls: Calls
  readonly history: History
  readonly clock: ToolClock
  readonly tools: readonly Tool[]
  /** What the conversation says about the text of every answer. */
  readonly text: TextOptions | undefined
  /** Functions that the application answers itself. */
  readonly ownFunctions: ReadonlySet<string>
  /** Starts a turn of the run's. With no input it goes on from what the model has not answered. */
  readonly respond: (input: ConversationInput, options: RespondOptions, watch: Watch) => Turn
  /** Hears why a turn is sent again. Returns a function that ends it. */
  readonly onResent: (listener: (event: TurnResent) => void) => () => void
}

type Watch = (event: ServerEvent) => void

const MAX_ROUNDS = 32

const rounds = v.object({
  maxRounds: v.optional(
    v.custom<number>(
      (value) => Number.isSafeInteger(value) && (value as number) >= 1,
      'must be a whole number of at least 1',
    ),
  ),
})

/** A run that has been given up: nothing of it starts any more. */
class Stop {
  /** Rejects when the run is given up, or a callback has thrown. */
  readonly raised: Promise<never>
  #raise: (reason: unknown) => void = () => {}
  #isRaised = false

  constructor() {
    this.raised = new Promise((_, reject) => {
      this.#raise = reject
    })
    this.raised.catch(() => {})
  }

  get isRaised(): boolean {
    return this.#isRaised
  }

  raise(reason: unknown): void {
    this.#isRaised = true
    this.#raise(reason)
  }
}

/** The turns and tools of one run, until the model asks for nothing more, or a call waits for the application. */
export class RunLoop {
  readonly #host: RunHost
  readonly #sink: RunSink
  readonly #options: RunOptions
  readonly #tools: ReadonlyMap<string, Tool>
  readonly #settings: CallSettings
  readonly #limit: ReturnType<typeof pLimit>
  readonly #maxRounds: number
  /** Null where the answer has to fit nothing. */
  readonly #output: StructuredOutput | null
  #usage: UsageInfo | null = null
  readonly #stop = new Stop()
  /** Calls that were taken up by this run, and those of them that run. */
  readonly #taken = new Set<string>()
  readonly #running = new Map<AbortController, Promise<void>>()
  #isOver = false

  /** @throws {BadOptionError} before anything is sent: a turn that was paid for must not end in a bad option */
  constructor(host: RunHost, sink: RunSink, options: RunOptions) {
    const { maxRounds, onTurn: _onTurn, settings: _settings, output, ...ofTools } = options
    parseOptions(rounds, { maxRounds })
    const { concurrency, timeoutMs, clock, now } = runSettings({ ...ofTools, clock: host.clock })
    this.#output = output === undefined ? null : structuredOutput(output)
    this.#host = host
    this.#sink = sink
    this.#options = options
    this.#maxRounds = maxRounds ?? MAX_ROUNDS
    this.#tools = toolsByName(host.tools)
    this.#limit = pLimit(concurrency)
    this.#settings = { timeoutMs, clock, now, report: (event) => this.#report(event) }
  }

  /** @param input undefined goes on from what the history has */
  async run(input: ConversationInput | undefined): Promise<RunResult<unknown>> {
    const { signal, push } = this.#sink
    const onAbort = (): void => this.#stop.raise(signal.reason)
    signal.addEventListener('abort', onAbort)
    const ended = this.#host.onResent((event) => push(event))
    try {
      signal.throwIfAborted()
      return await this.#loop(this.#answers(input) ? undefined : input)
    } catch (error) {
      // What a tool gives that was told to stop is kept all the same.
      if (this.#stop.isRaised) await this.#stopTools(error)
      throw error
    } finally {
      this.#isOver = true
      ended()
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #loop(given: ConversationInput | undefined): Promise<RunResult<unknown>> {
    const { calls, history } = this.#host
    let input = given
    let response: TurnResponse | null = null
    for (let turns = 0; ; turns += 1) {
      if (input === undefined) await this.#serveToGoOn(turns > 0)
      if (input === undefined && history.blockingCalls().length > 0)
        return await this.#resultOf(response, turns)
      response = await this.#turn(input ?? [])
      input = undefined
      if (history.blockingCalls().length === 0) {
        // What the model does not wait for is begun, and goes on behind the run.
        await this.#serve()
        return await this.#resultOf(response, turns + 1)
      }
      if (turns + 1 >= this.#maxRounds && calls.list().some((call) => this.#canServe(call))) {
        throw tooManyRounds(this.#maxRounds)
      }
    }
  }

  /** An input of outputs alone says nothing new: they are kept, and the run goes on from them. */
  #answers(input: ConversationInput | undefined): boolean {
    if (input === undefined) return false
    const { history } = this.#host
    const { outputs, rest } = history.split(toItems(input))
    if (outputs.length === 0 || rest.length > 0) return false
    for (const output of outputs) history.answer(output)
    return true
  }

  async #turn(input: ConversationInput): Promise<TurnResponse> {
    const { signal, push } = this.#sink
    const { onTurn } = this.#options
    const turn = this.#host.respond(input, { signal, settings: this.#turnSettings() }, push)
    push({ type: 'turn.started', turnId: turn.id })
    try {
      onTurn?.(turn)
    } catch (error) {
      turn.cancel()
      throw error
    }
    const response = await turn.response
    this.#usage = addUsage(this.#usage, response.usage)
    return response
  }

  /** The schema of the answer goes beside whatever else is said about its text. */
  #turnSettings(): RunOptions['settings'] {
    const { settings } = this.#options
    if (this.#output === null) return settings
    return { ...settings, text: { ...(settings?.text ?? this.#host.text), format: this.#output.format } }
  }

  /** Runs tools until there is something for the model to answer, or something that only the application can do. */
  async #serveToGoOn(hasTurns: boolean): Promise<void> {
    const { calls, history } = this.#host
    await this.#serve()
    while (!history.hasUnanswered && history.blockingCalls().length === 0) {
      const running = calls.list().flatMap(({ callId }) => calls.running(callId) ?? [])
      if (running.length === 0 && !hasTurns) throw nothingToGoOnFrom()
      if (running.length === 0) return
      await Promise.race([...running.map(({ done }) => done), this.#stop.raised])
    }
  }

  /** Runs the tools of all open calls, and waits for those that the model waits for. */
  async #serve(): Promise<void> {
    const { calls } = this.#host
    for (;;) {
      const open = calls.list().filter((call) => call.output === null && !this.#taken.has(call.callId))
      const works = open.flatMap((call) => {
        const work = this.#take(call)
        return work === null ? [] : [{ work, isAsync: call.isAsync }]
      })
      if (works.length === 0) return
      const waited = works.filter(({ isAsync }) => !isAsync).map(({ work }) => work)
      await Promise.race([Promise.all(waited), this.#stop.raised])
    }
  }

  /** Begins with what is to be done for a call; null when there is nothing, or only the application can do it. */
  #take(call: OpenCall): Promise<void> | null {
    const { calls } = this.#host
    const running = calls.running(call.callId)
    if (call.state === 'interrupted') calls.answerInterrupted(call)
    if (running === undefined && !this.#canServe(call)) return null
    this.#taken.add(call.callId)
    return running === undefined ? this.#limit(() => this.#runTool(call)) : this.#await(call, running)
  }

  #canServe({ state, item, output }: OpenCall): boolean {
    if (item.type !== 'function_call' || !item.name || this.#host.ownFunctions.has(item.name)) return false
    return output === null && (state === 'open' || state === 'approved')
  }

  async #runTool({ callId, item }: OpenCall): Promise<void> {
    const { calls } = this.#host
    const call = item as FunctionCallItem
    if (this.#stop.isRaised || (await this.#waitsForApproval(call, callId)) || this.#stop.isRaised) return
    const controller = new AbortController()
    const over = calls.begin(callId, (reason) => controller.abort(reason))
    const keep = (outcome: CallOutcome | null): void => {
      if (outcome === null) calls.mark(callId, null)
      else calls.keep(callId, answerTo(call, outcome))
      over()
    }
    const work = runCall({ call, tools: this.#tools, settings: this.#settings, controller, keep }).catch(
      (error: unknown) => {
        // Its start could not be told: it has not begun.
        keep(null)
        this.#fail(error)
      },
    )
    this.#running.set(controller, work)
    await work
    this.#running.delete(controller)
  }

  /** Asks whether the tool may run. What the application has not approved waits, and ends the run as paused. */
  async #waitsForApproval(call: FunctionCallItem, callId: string): Promise<boolean> {
    const { calls } = this.#host
    const tool = this.#tools.get(call.name)
    if (tool?.needsApproval === undefined || calls.find(callId)?.state === 'approved') return false
    try {
      const mustAsk = await tool.needsApproval(await checkedArguments(tool, call.arguments))
      if (mustAsk) calls.mark(callId, 'needs-approval')
      return mustAsk
    } catch (error) {
      // Such a call does not run: it gets an error output.
      if (error instanceof CallProblem) return false
      this.#fail(error)
      return true
    }
  }

  /** A tool that an earlier run has begun and given up: it has its time once more. */
  async #await({ callId, item }: OpenCall, { done, stop }: RunningCall): Promise<void> {
    const { calls } = this.#host
    const { clock } = this.#settings
    const call = item as FunctionCallItem
    const timeoutMs = this.#tools.get(call.name)?.timeoutMs ?? this.#settings.timeoutMs
    let timer: unknown
    const timeUp = new Promise<void>((resolve) => {
      if (timeoutMs === false) return
      timer = clock.setTimeout(() => {
        const problem = tookTooLong(timeoutMs)
        calls.keep(callId, answerTo(call, problem))
        stop(problem)
        resolve()
      }, timeoutMs)
    })
    await Promise.race([done, timeUp, this.#stop.raised]).finally(() => clock.clearTimeout(timer))
  }

  async #report(event: ToolEvent): Promise<void> {
    if (!this.#isOver) this.#sink.push(event)
    const { onTool } = this.#options
    if (event.type === 'tool.started') {
      await Promise.race([onTool?.(event), this.#stop.raised])
      return
    }
    try {
      const told = onTool?.(event)
      if (told instanceof Promise) told.catch((error: unknown) => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A callback of the application's has thrown. */
  #fail(error: unknown): void {
    if (!this.#isOver) return this.#stop.raise(error)
    // Nobody waits for the run any more, and it is not swallowed.
    this.#settings.clock.setTimeout(() => {
      throw error
    }, 0)
  }

  async #stopTools(reason: unknown): Promise<void> {
    for (const controller of this.#running.keys()) controller.abort(reason)
    await Promise.all(this.#running.values())
  }

  /** @throws {OutputError} when the answer does not fit the schema; it is in the history all the same */
  async #resultOf(response: TurnResponse | null, turns: number): Promise<RunResult<unknown>> {
    const openCalls = this.#host.calls.list()
    const result = { text: response?.output_text ?? '', turns, openCalls, usage: this.#usage }
    const isPaused = openCalls.some(({ output, state }) => output === null && state !== 'running')
    if (response === null || isPaused) {
      return { ...result, status: 'paused', response, output: null, refusal: null }
    }
    const answer = (await this.#output?.read(response)) ?? { output: null, refusal: refusalIn(response) }
    return { ...result, status: 'completed', response, ...answer }
  }
}

function nothingToGoOnFrom(): HoldlineError {
  return badInput('is missing, and there is nothing to go on from', 'Say something')
}

function tooManyRounds(maxRounds: number): HoldlineError {
  return new HoldlineError(
    'ERR_TOOL_LOOP',
    `The model asked for tools in ${maxRounds} turns one after the other. The tools of the last were not run. ` +
      'Go on with run(), say something else, or raise maxRounds.',
  )
}
