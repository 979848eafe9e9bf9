import type { OutputItem, Turn } from '../script/types.ts'
import type { Ids } from './ids.ts'
import type { Frame, Item } from './wire.ts'

/** Characters a delta, where a text is given as one string. */
const DEFAULT_CHUNK = 16

/** One event of an output item; `output_index` is added where it is sent. */
interface ItemEvent {
  readonly frame: Frame
  readonly isDelta: boolean
}

/** One output item: its final form, and the events that stream it. */
export interface PlannedItem {
  readonly item: Item
  readonly events: readonly ItemEvent[]
}

/** The items of a turn, its short forms (`reasoning`, `text`, `calls`) first. */
export function outputOf(turn: Turn): OutputItem[] {
  const items: OutputItem[] = []
  if (turn.reasoning !== undefined) items.push({ type: 'reasoning', summary: turn.reasoning })
  if (turn.text !== undefined) items.push({ type: 'text', text: turn.text })
  for (const call of turn.calls ?? []) items.push({ type: 'call', ...call })
  return [...items, ...(turn.output ?? [])]
}

/** The deltas of a text: as the script lists them, else in pieces of `chunk` characters. */
function deltasOf(text: string | readonly string[], chunk: number = DEFAULT_CHUNK): readonly string[] {
  if (typeof text !== 'string') return text
  // By code point: half a surrogate pair is no valid UTF-8.
  const points = Array.from(text)
  const deltas: string[] = []
  for (let start = 0; start < points.length; start += chunk) {
    deltas.push(points.slice(start, start + chunk).join(''))
  }
  return deltas
}

/** Plans one item: ids are drawn here, so an item has the same ones in every event. */
export function planItem(output: OutputItem, ids: Ids, chunk: number | undefined): PlannedItem {
  switch (output.type) {
    case 'text':
      return planMessage('text', deltasOf(output.text, chunk), ids)
    case 'refusal':
      return planMessage('refusal', deltasOf(output.refusal, chunk), ids)
    case 'reasoning':
      return planReasoning(deltasOf(output.summary, chunk), output.encrypted ?? true, ids)
    case 'call':
      return planCall(output, ids, chunk)
    case 'custom-call':
      return planCustomCall(output, ids, chunk)
    case 'compaction':
      return planCompaction(ids)
    case 'raw':
      return planRaw(output.item)
    default:
      return output satisfies never
  }
}

function planMessage(kind: 'text' | 'refusal', deltas: readonly string[], ids: Ids): PlannedItem {
  const whole = deltas.join('')
  const name = kind === 'text' ? 'output_text' : 'refusal'
  const key = kind === 'text' ? 'text' : 'refusal'
  const extra = kind === 'text' ? { annotations: [], logprobs: [] } : {}
  const logprobs = kind === 'text' ? { logprobs: [] } : {}
  const id = ids.next('msg')
  const at = { item_id: id, content_index: 0 }
  const part = { type: name, [key]: whole, ...extra }
  const base = { id, type: 'message', role: 'assistant' }
  const item = { ...base, status: 'completed', content: [part] }
  return {
    item,
    events: [
      event('response.output_item.added', { item: { ...base, status: 'in_progress', content: [] } }),
      event('response.content_part.added', { ...at, part: { type: name, [key]: '', ...extra } }),
      ...deltas.map((delta) => deltaEvent(`response.${name}.delta`, { ...at, delta, ...logprobs })),
      event(`response.${name}.done`, { ...at, [key]: whole, ...logprobs }),
      event('response.content_part.done', { ...at, part }),
      event('response.output_item.done', { item }),
    ],
  }
}

function planReasoning(deltas: readonly string[], encrypted: boolean, ids: Ids): PlannedItem {
  const whole = deltas.join('')
  const id = ids.next('rs')
  const at = { item_id: id, summary_index: 0 }
  const part = { type: 'summary_text', text: whole }
  const secret = encrypted ? { encrypted_content: encode(`reasoning:${id}`) } : {}
  const item = { id, type: 'reasoning', summary: [part], status: 'completed', ...secret }
  return {
    item,
    events: [
      event('response.output_item.added', {
        item: { id, type: 'reasoning', summary: [], status: 'in_progress' },
      }),
      event('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }),
      ...deltas.map((delta) => deltaEvent('response.reasoning_summary_text.delta', { ...at, delta })),
      event('response.reasoning_summary_text.done', { ...at, text: whole }),
      event('response.reasoning_summary_part.done', { ...at, part }),
      event('response.output_item.done', { item }),
    ],
  }
}

type Call = Extract<OutputItem, { type: 'call' }>

function planCall(call: Call, ids: Ids, chunk: number | undefined): PlannedItem {
  const given = call.arguments ?? {}
  const deltas = deltasOf(
    typeof given === 'string' || isStrings(given) ? given : JSON.stringify(given),
    chunk,
  )
  const id = ids.next('fc')
  const base = { id, type: 'function_call', call_id: call.call_id ?? ids.next('call'), name: call.name }
  const whole = deltas.join('')
  const item = { ...base, arguments: whole, status: 'completed' }
  return {
    item,
    events: [
      event('response.output_item.added', { item: { ...base, arguments: '', status: 'in_progress' } }),
      ...deltas.map((delta) => deltaEvent('response.function_call_arguments.delta', { item_id: id, delta })),
      event('response.function_call_arguments.done', { item_id: id, name: call.name, arguments: whole }),
      event('response.output_item.done', { item }),
    ],
  }
}

type CustomCall = Extract<OutputItem, { type: 'custom-call' }>

function planCustomCall(call: CustomCall, ids: Ids, chunk: number | undefined): PlannedItem {
  const deltas = deltasOf(call.input ?? '', chunk)
  const id = ids.next('ctc')
  const base = { id, type: 'custom_tool_call', call_id: call.call_id ?? ids.next('call'), name: call.name }
  const whole = deltas.join('')
  const item = { ...base, input: whole, status: 'completed' }
  return {
    item,
    events: [
      event('response.output_item.added', { item: { ...base, input: '', status: 'in_progress' } }),
      ...deltas.map((delta) => deltaEvent('response.custom_tool_call_input.delta', { item_id: id, delta })),
      event('response.custom_tool_call_input.done', { item_id: id, input: whole }),
      event('response.output_item.done', { item }),
    ],
  }
}

function planCompaction(ids: Ids): PlannedItem {
  const id = ids.next('cmp')
  const item = { id, type: 'compaction', encrypted_content: encode(`compaction:${id}`) }
  return {
    item,
    events: [
      event('response.output_item.added', { item: { ...item, encrypted_content: '' } }),
      event('response.compaction.compacting', { item_id: id }),
      event('response.output_item.done', { item }),
    ],
  }
}

function planRaw(item: Item): PlannedItem {
  return {
    item,
    events: [event('response.output_item.added', { item }), event('response.output_item.done', { item })],
  }
}

/** Opaque to a client, as the real field is. */
export function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value)
}

function event(type: string, fields: Omit<Frame, 'type'>): ItemEvent {
  return { frame: { type, ...fields }, isDelta: false }
}

function deltaEvent(type: string, fields: Omit<Frame, 'type'>): ItemEvent {
  return { frame: { type, ...fields }, isDelta: true }
}
