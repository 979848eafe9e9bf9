import { createHash } from 'node:crypto'
import type { Item } from './wire.ts'
import { isObject, stringField } from './wire.ts'

/** What the server reads of a create request. */
export interface ModelRequest {
  readonly model: string
  /** The new items of this request; a string input is written as one user message. */
  readonly input: readonly Item[]
  /** All items of the chain: those of the parent, its output, and `input`. */
  readonly context: readonly Item[]
  readonly previousResponseId: string | null
  /** The lane's name (`stream_id`), null on the default lane and over HTTP. */
  readonly lane: string | null
  readonly store: boolean
  /** True for `generate: false`. */
  readonly warmup: boolean
  /** What it asks to be compacted: all of its context (`compaction_trigger`), what is over a threshold, or nothing. */
  readonly compaction: 'all' | 'over-threshold' | null
  /** True for a successor that the server starts by itself after steering. */
  readonly successor: boolean
  readonly transport: 'websocket' | 'http'
  /** See {@link turnKey}. */
  readonly turnKey: string
  /** The request as it came, without `type` and `stream_id`. */
  readonly body: Readonly<Record<string, unknown>>
}

/** The items of an `input` field: a string is short for one user message. */
export function itemsOf(input: unknown): readonly Item[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }]
  return Array.isArray(input) ? input.filter((item) => isObject(item)) : []
}

/** `prewarm` forces `generate` to false, as the SDK's types say. */
export function isWarmup(body: Readonly<Record<string, unknown>>): boolean {
  const cache = body['prompt_cache_options']
  return body['generate'] === false || (isObject(cache) && cache['prewarm'] === true)
}

/**
 * Names the logical turn that a request belongs to, so that the server can count how often it was sent.
 *
 * The key is `metadata.turn` where the request has it. Else it is a hash of the last items that the client wrote:
 * everything in `input` after the last item that a model wrote. So a turn keeps its key whether it is sent as new
 * items only or with its full history. Two turns with the same words share a key; give them a `metadata.turn`.
 */
export function turnKey(body: Readonly<Record<string, unknown>>): string {
  const named = stringField(body['metadata'], 'turn')
  if (named !== undefined) return named
  const items = itemsOf(body['input'])
  const last = items.findLastIndex((item) => isModelItem(item))
  const own = items.slice(last + 1).map((item) => essence(item))
  return createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 16)
}

/** What only a model, or a tool that the server runs, makes. A reference is to an item that the server has kept. */
const MODEL_ITEM =
  /^(?:reasoning|compaction|program|program_output|item_reference|mcp_list_tools|mcp_approval_request|\w+_call)$/

function isModelItem(item: Item): boolean {
  if (isReference(item)) return true
  const type = stringField(item, 'type') ?? 'message'
  return type === 'message' ? item['role'] === 'assistant' : MODEL_ITEM.test(type)
}

/** The type of a reference may be left out (Responses API, input items). */
export function isReference(item: Item): boolean {
  const type = item['type'] ?? null
  if (type !== null) return type === 'item_reference'
  return typeof item['id'] === 'string' && item['role'] === undefined
}

/** What stays the same when a client writes the same item in another form. */
function essence(item: Item): unknown {
  const type = stringField(item, 'type') ?? 'message'
  if (type === 'message') return [type, item['role'] ?? null, textOf(item['content'])]
  return [
    type,
    item['call_id'] ?? item['approval_request_id'] ?? null,
    textOf(item['output'] ?? item['approve']),
  ]
}

/** The text of a message's `content` or a tool's `output`: a string, or parts. Other parts count as their JSON. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content) ?? ''
  return content.map((part) => stringField(part, 'text') ?? JSON.stringify(part)).join('')
}
