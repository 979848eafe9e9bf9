import { HoldlineError } from '../../protocol/errors.ts'
import { answeredCallOf, callIdOf, isAnswer, isAsyncCall } from '../../protocol/calls.ts'
import type { InputItem, OutputItem } from '../../protocol/index.ts'
import { type HistoryItem, endOfAnswers, withoutItems, withoutOrphans } from './history-rules.ts'

export type { HistoryItem } from './history-rules.ts'

/** What `respond` takes: a user message as text, or items. */
export type ConversationInput = string | readonly InputItem[]

/** A call that the model waits for, as it made it. */
export interface CallInHistory {
  readonly callId: string
  readonly item: OutputItem
  /** Its output, if that is there and the model has not answered it yet. */
  readonly output: InputItem | null
}

/** How a history begins. */
export interface HistoryStart {
  /** Items that the model has answered. Default: all before the outputs and messages at the end. */
  readonly answered?: number | undefined
  /** The stored response that the items go on from. Default: none. */
  readonly root?: string | null | undefined
}

/** What an input is made of. */
export interface SplitInput {
  /** Outputs of calls: they are history whatever becomes of the turn. */
  readonly outputs: readonly InputItem[]
  /** Everything else: it is taken back when the turn does not end with a response. */
  readonly rest: readonly InputItem[]
}

/**
 * The items of a conversation, verbatim.
 *
 * What a turn adds is taken back when the turn did not end with a response, so that asking again is the same call
 * again. An output of a call is never taken back: it was paid for.
 */
export class History {
  #items: HistoryItem[]
  /** Items that the model has answered, or made. */
  #answered: number
  /** Where the input of the turn under way begins, or null. */
  #base: number | null = null
  /** So many items behind what the model has answered are steers that the server puts there by itself. */
  #taken = 0
  /** Outputs that came while a turn was under way: behind it, because the server has its input as it was sent. */
  #late: InputItem[] = []
  /** Outputs that replace others, if the turn that carries those does not end with a response. */
  #instead: InputItem[] = []
  /** Calls without an output among the first `#read` items: a turn costs what it adds, however long the chain. */
  #open = new Map<string, OutputItem>()
  /** Calls with an output that the model has not answered. */
  #fresh = new Map<string, OutputItem>()
  #read = 0
  #version = 0
  #root: string | null

  constructor(
    items: readonly HistoryItem[] = [],
    { answered = endOfAnswers(items), root = null }: HistoryStart = {},
  ) {
    this.#items = [...items]
    this.#answered = Math.min(answered, items.length)
    this.#root = root
  }

  /** The stored response that the items go on from, or null. */
  get root(): string | null {
    return this.#root
  }

  get length(): number {
    return this.#items.length
  }

  /** Another one after every change. */
  get version(): number {
    return this.#version
  }

  /** Items that the model has answered, or made. */
  get answered(): number {
    return this.#answered
  }

  /** There is something that the model has not answered. */
  get hasUnanswered(): boolean {
    return this.#unanswered().length > 0
  }

  /** The items from one on, by default all. With the input of the turn under way. A copy. */
  items(from = 0): HistoryItem[] {
    return this.#items.slice(from)
  }

  /** What stays, whatever becomes of the turn under way. A copy. */
  get settled(): HistoryItem[] {
    return [...this.#items.slice(0, this.#answered), ...this.#unanswered()]
  }

  /** The input of the turn under way. A copy. */
  get underWay(): HistoryItem[] {
    if (this.#base === null) return []
    const taken = this.#items.slice(this.#answered, this.#answered + this.#taken)
    return [...taken, ...this.#items.slice(this.#base)]
  }

  /**
   * Begins a turn with its input.
   *
   * @param taken steers that the server has already: it puts them before all that it has not answered
   */
  begin(input: readonly HistoryItem[], taken: readonly HistoryItem[] = []): void {
    if (taken.length > 0) {
      this.#items.splice(this.#answered, 0, ...taken)
      this.#forgetCalls()
    }
    this.#taken = taken.length
    this.#base = this.#items.length
    this.#items.push(...input)
    this.#version += 1
  }

  /** The turn ended without a response: its input is taken back. */
  rollBack(): void {
    if (this.#base === null) return
    this.#items.length = this.#base
    this.#items.splice(this.#answered, this.#taken)
    if (this.#items.length < this.#read) this.#forgetCalls()
    const instead = this.#instead.splice(0)
    this.#end()
    for (const output of instead) this.answer(output)
  }

  /** The turn is over and has changed nothing, as a warm-up. */
  keep(): void {
    this.#end()
  }

  /**
   * The turn ended with what the server made. A compaction among it stands for everything before it, which is dropped
   * (compaction guide); one that was there before, or came as input, is part of a window that is to be kept as it is.
   * A call that is still open stays, because its output is to come. Returns how many items fewer there are than the
   * server knows.
   */
  commit(made: readonly HistoryItem[]): number {
    const output = withoutOrphans(made)
    const at = output.findLastIndex(({ type }) => type === 'compaction')
    const known = this.#items.length + made.length
    if (at < 0) this.#items.push(...output)
    else {
      const open = [...this.openCalls().values()]
      this.#items = [...output.slice(at, at + 1), ...open, ...output.slice(at + 1)]
      this.#root = null
      this.#forgetCalls()
    }
    this.#answered = this.#items.length
    this.openCalls()
    this.#fresh.clear()
    this.#end()
    return known - this.#answered
  }

  /** Replaces everything. A compacted window has all that the model is to know of what was before. */
  replace(
    items: readonly HistoryItem[],
    { answered = endOfAnswers(items), root = this.#root }: HistoryStart = {},
  ): void {
    this.#items = [...items]
    this.#answered = answered
    this.#root = root
    this.#forgetCalls()
    this.#version += 1
  }

  /** Takes items out, with the reasoning that led to them. */
  remove(items: ReadonlySet<HistoryItem>): void {
    const part = (from: number, to?: number): readonly HistoryItem[] =>
      withoutItems(this.#items.slice(from, to), items)
    const answered = part(0, this.#answered)
    this.#items = [...answered, ...part(this.#answered)]
    this.#answered = answered.length
    this.#forgetCalls()
    this.#version += 1
  }

  /** Calls of the client's that have no output yet, by id. */
  openCalls(): ReadonlyMap<string, OutputItem> {
    for (; this.#read < this.#items.length; this.#read += 1) {
      const item = this.#items[this.#read] as HistoryItem
      const called = callIdOf(item)
      if (called !== null) this.#open.set(called, item as OutputItem)
      const answered = answeredCallOf(item)
      const call = answered === null ? undefined : this.#open.get(answered)
      if (answered === null || call === undefined) continue
      this.#open.delete(answered)
      if (this.#read >= this.#answered) this.#fresh.set(answered, call)
    }
    return this.#open
  }

  /** Calls that have no output, and calls with an output that the model has not answered. In their order. */
  calls(): CallInHistory[] {
    const open = [...this.openCalls()]
    const outputs = new Map(this.#unanswered().map((item) => [answeredCallOf(item), item as InputItem]))
    return [...this.#fresh, ...open].map(([callId, item]) => ({
      callId,
      item,
      output: outputs.get(callId) ?? null,
    }))
  }

  /**
   * An output of a call that is open, or another one for a call whose output the model has not answered. During a turn
   * it comes behind that.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` when there is no such call
   */
  answer(output: InputItem): void {
    const callId = answeredCallOf(output)
    const isSame = (item: HistoryItem): boolean => answeredCallOf(item) === callId
    const late = this.#late.findIndex(isSame)
    const at = this.#items.slice(this.#answered).findIndex(isSame)
    // What is being sent stays as it is.
    const isFixed = at >= 0 && this.#base !== null
    if (callId === null || isFixed || (at < 0 && late < 0 && !this.#takes(callId))) throw noOpenCall()
    this.#version += 1
    if (late >= 0) this.#late[late] = output
    else if (at >= 0) this.#items[this.#answered + at] = output
    else (this.#base === null ? this.#items : this.#late).push(output)
  }

  /** The same, of a tool that gives its output when another one may be on its way: it comes in its place if that is lost. */
  answerLate(output: InputItem): void {
    const callId = answeredCallOf(output)
    const isSent = this.#items.slice(this.#answered).some((item) => answeredCallOf(item) === callId)
    if (this.#base !== null && isSent) this.#instead.push(output)
    else this.answer(output)
  }

  /**
   * Tells outputs from the rest of an input, and checks the input before anything of it is sent.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` for an output of a call that is not open
   */
  split(input: readonly InputItem[]): SplitInput {
    const outputs = new Set<InputItem>()
    const known = new Set(this.calls().map(({ callId }) => callId))
    const own = new Set<string>()
    for (const item of input) {
      const called = callIdOf(item)
      if (called !== null) own.add(called)
      const callId = answeredCallOf(item)
      // With the call beside it, it is a piece of a history, and goes as such.
      if (!isAnswer(item) || (callId !== null && own.delete(callId))) continue
      if (callId === null || !(known.delete(callId) || this.#root !== null)) throw noOpenCall()
      outputs.add(item)
    }
    return { outputs: [...outputs], rest: input.filter((item) => !outputs.has(item)) }
  }

  /** Calls that must have an output before the server takes further input. */
  blockingCalls(): OutputItem[] {
    const answered = new Set(this.#late.map(answeredCallOf))
    return [...this.openCalls()].flatMap(([id, item]) =>
      isAsyncCall(item) || answered.has(id) ? [] : [item],
    )
  }

  /** What the model has not answered and stays, whatever becomes of the turn under way. */
  #unanswered(): HistoryItem[] {
    return [
      ...this.#items.slice(this.#answered + this.#taken, this.#base ?? this.#items.length),
      ...this.#late,
    ]
  }

  /** Calls of the response that it goes on from are not in it. */
  #takes(callId: string): boolean {
    return this.#root !== null || this.openCalls().has(callId)
  }

  #end(): void {
    this.#base = null
    this.#taken = 0
    this.#instead = []
    this.#items.push(...this.#late.splice(0))
    this.#version += 1
  }

  #forgetCalls(): void {
    this.#open.clear()
    this.#fresh.clear()
    this.#read = 0
  }
}

/** A text becomes one user message. */
export function toItems(input: ConversationInput): readonly InputItem[] {
  if (typeof input !== 'string') {
    if (Array.isArray(input) && input.every(isItem)) return input as readonly InputItem[]
    throw badInput('is neither a text nor a list of items', 'Give a text, or an array of items')
  }
  return input === '' ? [] : [{ type: 'message', role: 'user', content: input }]
}

function isItem(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function noOpenCall(): HoldlineError {
  return badInput('holds an output for a call that is not open', 'See conversation.openCalls')
}

export function badInput(problem: string, advice: string): HoldlineError {
  return new HoldlineError('ERR_BAD_INPUT', `The input ${problem}. Nothing was sent. ${advice}.`)
}
