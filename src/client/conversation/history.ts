import { HoldlineError } from '../../protocol/errors.ts'
import type { InputItem, OutputItem } from '../../protocol/index.ts'

/** One item of a conversation, as it goes over the wire: what was sent, or what the model made. */
export type HistoryItem = InputItem | OutputItem

/** What `respond` takes: a user message as text, or items. */
export type ConversationInput = string | readonly InputItem[]

/** Items whose outputs the client owes, and the field that names them. */
const OUTPUT_OF: ReadonlyMap<string, string> = new Map([
  ['function_call', 'function_call_output'],
  ['custom_tool_call', 'custom_tool_call_output'],
])
const OUTPUT_TYPES: ReadonlySet<string> = new Set(OUTPUT_OF.values())

/**
 * The items of a conversation, verbatim and append-only. What a turn adds is taken back when the turn did not
 * end with a response, so that asking again is the same call again.
 */
export class History {
  #items: HistoryItem[]
  /** Calls without an output among the first `#read` items: a turn costs what it adds, however long the chain. */
  #open = new Set<string>()
  #read = 0
  #version = 0

  constructor(items: readonly HistoryItem[] = []) {
    this.#items = [...items]
  }

  get length(): number {
    return this.#items.length
  }

  /** Another one after every change. */
  get version(): number {
    return this.#version
  }

  /** The items from one on, by default all. A copy. */
  items(from = 0): HistoryItem[] {
    return this.#items.slice(from)
  }

  append(items: readonly HistoryItem[]): void {
    this.#items.push(...items)
    this.#version += 1
  }

  /** Forgets everything from this length on. */
  truncate(length: number): void {
    this.#items.length = length
    this.#version += 1
    if (length < this.#read) this.#forgetCalls()
  }

  /**
   * What the server made. A compaction among it stands for everything before it, which is dropped (compaction guide);
   * one that was there before, or came as input, is part of a window that is to be kept as it is. Returns how many
   * items were dropped.
   */
  appendOutput(items: readonly HistoryItem[]): number {
    const at = items.findLastIndex((item) => (item as { type?: string }).type === 'compaction')
    const dropped = at < 0 ? 0 : this.#items.length + at
    if (at < 0) this.append(items)
    else this.replace(items.slice(at))
    return dropped
  }

  replace(items: readonly HistoryItem[]): void {
    this.#items = [...items]
    this.#version += 1
    this.#forgetCalls()
  }

  /** `call_id`s of tool calls that have no output yet. */
  openCalls(): Set<string> {
    for (; this.#read < this.#items.length; this.#read += 1) {
      const { type, call_id: id } = this.#items[this.#read] as { type?: string; call_id?: string }
      if (type === undefined || typeof id !== 'string') continue
      if (OUTPUT_OF.has(type)) this.#open.add(id)
      else if (OUTPUT_TYPES.has(type)) this.#open.delete(id)
    }
    return new Set(this.#open)
  }

  /**
   * Checks an input before anything of it is sent.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` for an empty input, an output of a call that is not open, or a call
   * whose output is missing
   */
  check(input: readonly InputItem[]): void {
    if (input.length === 0) throw badInput('is empty', 'Give a text or at least one item')
    const open = this.openCalls()
    for (const item of input) {
      const { type, call_id: id } = item as { type?: string; call_id?: string }
      if (type === undefined || !OUTPUT_TYPES.has(type)) continue
      if (typeof id !== 'string' || !open.delete(id)) {
        throw badInput('holds an output for a call that is not open', 'Give one output for each open call')
      }
    }
    if (open.size > 0) {
      throw badInput(
        `leaves ${open.size} tool call(s) without an output`,
        'Give one output for each open call',
      )
    }
  }

  #forgetCalls(): void {
    this.#open.clear()
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

function badInput(problem: string, advice: string): HoldlineError {
  return new HoldlineError('ERR_BAD_INPUT', `The input ${problem}. Nothing was sent. ${advice}.`)
}
